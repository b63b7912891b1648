// The one door to this folder: it is loaded when it is first needed.
export { answerGraphql, graphqlSchema } from './execute.ts';
export { explorerPage, explorerPolicy, explorerScript } from './explorer.ts';
