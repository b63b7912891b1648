import { Validator } from '@seriousme/openapi-schema-validator';
import { beforeAll, describe, expect, it } from 'vitest';
import { apiTable } from '../../../src/server/routes/api-table.ts';
import { openApiText, refusalsOf } from '../../../src/server/routes/openapi.ts';
import { testServer } from '../../hosts/server.ts';

const description = JSON.parse(openApiText(apiTable, '1.2.3'));

describe('/openapi.json', () => {
  let found: Awaited<ReturnType<Validator['validate']>>;
  beforeAll(async () => {
    found = await new Validator().validate(structuredClone(description));
  });

  it('is sound OpenAPI 3.1', async () => {
    expect(found).toMatchObject({ valid: true });
    const broken = { ...description, paths: { '/server': { get: { responses: 7 } } } };
    expect(await new Validator().validate(broken)).toMatchObject({ valid: false });
    expect(description).toMatchObject({ openapi: '3.1.0', info: { version: '1.2.3' } });
  });

  it('has every route of the table and no other', () => {
    const told = Object.entries<object>(description.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const table = apiTable.map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`);
    expect(told.sort()).toEqual(table.sort());
    const ids = Object.values<Record<string, { operationId: string }>>(description.paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    );
    expect(new Set(ids).size).toBe(apiTable.length);
  });

  it.each(apiTable.map((route) => [`${route.method} ${route.path}`, route] as const))(
    '%s says what it takes and gives',
    (_, route) => {
      const told = description.paths[route.path.replace(/:(\w+)/g, '{$1}')][route.method.toLowerCase()];
      expect(told.requestBody === undefined).toBe(route.request === undefined);
      expect(told.security).toEqual(route.scope === 'public' ? [] : [{ token: [] }]);
      expect(told.summary).toMatch(/^[A-Z].*\.$/);
      const type = route.stream ? 'application/x-ndjson' : 'application/json';
      const { schema } = told.responses[route.created ? '201' : '200'].content[type];
      expect(schema).toHaveProperty(schema.$ref === undefined ? 'type' : '$ref');
      const codes = Object.values<{ description: string }>(told.responses).flatMap((one) =>
        one.description.split(', '),
      );
      for (const code of refusalsOf(route)) expect(codes).toContain(code);
      expect((told.parameters ?? []).map(({ name }: { name: string }) => name)).toEqual([
        ...[...route.path.matchAll(/:(\w+)/g)].map(([, name]) => name),
        ...Object.keys(route.query?.shape ?? {}),
      ]);
    },
  );

  it('has schemas under their names, and nothing that says nothing', () => {
    expect(Object.keys(description.components.schemas)).toEqual(
      expect.arrayContaining(['Annotation', 'Grant', 'Member', 'PersonalToken', 'Statement', 'User']),
    );
    expect(JSON.stringify(description)).not.toMatch(/[:[]\{\}/);
  });

  it('is served to everybody, below the base path as well', async () => {
    const server = await testServer({ mount: '/history' });
    const answer = await server.send('GET', '/history/openapi.json');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('Content-Type')).toBe('application/json');
    expect(answer.json.paths).toEqual(description.paths);
    expect(answer.json.servers).toEqual([{ url: 'api/v2' }]);
  });
});
