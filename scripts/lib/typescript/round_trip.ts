// A round trip through clients that are made of generated types, against a demo
// server. What is expected of it is what docs/api.md and docs/authzen.md promise.

import { randomUUID } from "node:crypto";
import { appendFileSync, readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";

import createClient from "openapi-fetch";

import type { components, paths } from "./attache.js";
import type { paths as AuthzenPaths } from "./authzen.js";

type Problem = components["schemas"]["Problem"];
type Member = components["schemas"]["Member"];
type Reached = Pick<Member, "via">;

const [envFile, summary] = process.argv.slice(2);
if (!envFile || !summary) {
  throw new Error("wants the demo's variables and a file for the summary");
}
const variables = new Map(
  readFileSync(envFile, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const at = line.indexOf("=");
      return [line.slice(0, at), line.slice(at + 1)] as const;
    }),
);

function variable(name: string): string {
  const value = variables.get(name);
  if (value === undefined) {
    throw new Error(`${name} is not among the demo's variables`);
  }
  return value;
}

let met = 0;
let failed = 0;

function expect(condition: boolean, what: string, got: unknown): void {
  if (condition) {
    met += 1;
  } else {
    failed += 1;
    console.log(`   FAILED ${what}; got ${JSON.stringify(got)}`);
  }
}

function equal<T>(got: T, wanted: T, what: string): void {
  expect(isDeepStrictEqual(got, wanted), `${what}: expected ${JSON.stringify(wanted)}`, got);
}

interface Answer<Data, Refusal> {
  data?: Data | undefined;
  error?: Refusal | undefined;
  response: Response;
}

/** An answer with JSON: a list can be asked for as text too. */
function done<Data, Refusal>(
  answer: Answer<Data, Refusal>,
  status: number,
  what: string,
): Exclude<Data, string> {
  equal(answer.response.status, status, what);
  const revision = answer.response.headers.get("attache-revision");
  expect(revision !== null, `${what}: Attache-Revision`, revision);
  if (answer.data === undefined || typeof answer.data === "string") {
    throw new Error(`${what}: ${answer.response.status} ${JSON.stringify(answer.error)}`);
  }
  return answer.data as Exclude<Data, string>;
}

/** An answer without a body. */
function empty<Data>(answer: Answer<Data, Problem>, status: number, what: string): void {
  equal(answer.response.status, status, what);
  expect(!answer.data, `${what}: no body`, answer.data);
}

function refused<Data>(
  answer: Answer<Data, Problem>,
  status: number,
  type: string,
  what: string,
): Problem {
  equal(answer.response.status, status, what);
  const content = answer.response.headers.get("content-type");
  equal(content, "application/problem+json", what);
  if (answer.error === undefined) {
    throw new Error(`${what}: is no problem`);
  }
  equal(answer.error.type, `/problems/${type}`, what);
  equal(answer.error.status, status, what);
  const correlation = answer.response.headers.get("x-correlation-id");
  equal(answer.error.correlation_id, correlation ?? "", `${what}: correlation id`);
  return answer.error;
}

function header(answer: { response: Response }, name: string): string {
  const value = answer.response.headers.get(name);
  expect(value !== null, `the header ${name}`, value);
  return value ?? "";
}

function ways(reached: Reached | undefined): string[] {
  return (reached?.via ?? []).map((via) => `${via.type} ${via.role ?? "member"}`);
}

const url = variable("ATTACHE_URL");
const api = createClient<paths>({
  baseUrl: `${url}/api/v1`,
  headers: { Authorization: `Bearer ${variable("ATTACHE_TOKEN")}` },
});

async function attache(): Promise<void> {
  const resource = "customer:harbour-bakery";
  const path = { resource };
  const user = "mira.sol";

  const me = done(await api.GET("/me"), 200, "me");
  equal(me.tenant_name, "Lantern Talk", "the tenant's name");

  // Created once, though asked twice.
  const body = { key: user, first_name: "Mira", last_name: "Sol" };
  const header1 = { "Idempotency-Key": `"${randomUUID()}"` };
  const created = await api.POST("/users", { body, params: { header: header1 } });
  const mira = done(created, 201, "create");
  equal(header(created, "location"), `/api/v1/users/${mira.id}`, "Location");
  equal([mira.key, mira.status, mira.email], [user, "active", null], "the user");
  const again = await api.POST("/users", { body, params: { header: header1 } });
  equal(done(again, 201, "create, asked again"), mira, "the same");
  equal(header(again, "idempotent-replayed"), "true", "and says so");
  const differs = await api.POST("/users", {
    body: { ...body, first_name: "Mora" },
    params: { header: header1 },
  });
  refused(differs, 422, "request-differs", "another request with this key");
  const taken = refused(await api.POST("/users", { body }), 409, "taken", "a taken key");
  equal(
    taken.errors?.map((error) => error.field),
    ["key"],
    "the field is named",
  );

  // Changed by whom has seen it.
  const got = await api.GET("/users/{user}", { params: { path: { user } } });
  equal(done(got, 200, "get"), mira, "as it was created");
  const tag = header(got, "etag");
  const known = await api.GET("/users/{user}", {
    params: { path: { user }, header: { "If-None-Match": tag } },
  });
  equal(known.response.status, 304, "as the caller has it");
  const change = (phone: string | null) =>
    api.PATCH("/users/{user}", {
      params: { path: { user }, header: { "If-Match": tag } },
      body: { phone },
    });
  const changed = done(await change("+49 30 5550 1234"), 200, "change");
  const { updated_at: _at, updated_by: _by, ...rest } = changed;
  const { updated_at: _was_at, updated_by: _was_by, ...was } = mira;
  equal(rest, { ...was, phone: "+49 30 5550 1234" }, "what is left out stays");
  refused(await change(null), 412, "changed", "changed since");
  const unknown = await api.GET("/users/{user}", { params: { path: { user: "nobody.at.all" } } });
  refused(unknown, 404, "not-found", "nobody");

  // Attached, granted, listed with the reason.
  const grant = { subject: `user:${user}`, role: "owner" };
  const early = await api.POST("/resources/{resource}/grants", { params: { path }, body: grant });
  refused(early, 409, "not-a-member", "granted before it is attached");
  const member = { params: { path: { resource, user } } };
  const attached = await api.PUT("/resources/{resource}/members/{user}", member);
  equal(ways(done(attached, 201, "attach")), ["direct member"], "by the membership");
  const granted = await api.POST("/resources/{resource}/grants", { params: { path }, body: grant });
  const held = done(granted, 201, "grant");
  equal([held.subject, held.role], [`user:${mira.id}`, "owner"], "the grant");
  const effective = await api.GET("/resources/{resource}/members", {
    params: { path, query: { include: "effective" } },
  });
  const listed = done(effective, 200, "list");
  equal(listed.items.length, listed.total, "the list is complete");
  const ours = listed.items.find((one) => one.user.id === mira.id);
  equal(ways(ours), ["direct member", "direct owner"], "through both");
  const kinds = new Set(listed.items.flatMap((one) => one.via).map((via) => via.type));
  expect(kinds.has("direct") && kinds.has("admin"), "several ways to reach it", [...kinds]);

  const paged: Member[] = [];
  let cursor: string | null = null;
  do {
    const page: components["schemas"]["Page_Member"] = done(
      await api.GET("/resources/{resource}/members", {
        params: { path, query: { include: "effective", page_size: 3, ...(cursor && { cursor }) } },
      }),
      200,
      "a page",
    );
    expect(page.items.length <= 3, "as long as it was asked for", page.items.length);
    equal(page.total, listed.total, "how many there are on all pages");
    paged.push(...page.items);
    cursor = page.next;
  } while (cursor !== null);
  equal(paged, listed.items, "page by page");
  const reaches = await api.GET("/users/{user}/resources", {
    params: { path: { user }, query: { kind: "customer" } },
  });
  const reached = done(reaches, 200, "where it is attached");
  equal(
    reached.items.map((one) => [one.resource.key, ...ways(one)]),
    [["harbour-bakery", "direct member", "direct owner"]],
    "where it is attached",
  );

  // Revoked, detached, and told.
  const grantPath = { path: { resource, grant: held.id } };
  const revoke = await api.DELETE("/resources/{resource}/grants/{grant}", { params: grantPath });
  empty(revoke, 204, "revoke");
  const lost = await api.GET("/resources/{resource}/grants/{grant}", { params: grantPath });
  refused(lost, 404, "not-found", "a grant that was revoked");
  empty(await api.DELETE("/resources/{resource}/members/{user}", member), 204, "detach");
  const entries = done(
    await api.GET("/entries", { params: { query: { resource, subject: `user:${user}` } } }),
    200,
    "entries",
  );
  equal(
    entries.items.flatMap((entry) => entry.events.map((one) => one.type)),
    ["member.removed", "grant.removed", "grant.added", "member.added"],
    "the newest first",
  );
  const newest = entries.items[0]?.revision ?? 0;
  const entry = await api.GET("/entries/{revision}", { params: { path: { revision: newest } } });
  equal(done(entry, 200, "an entry"), entries.items[0], "the same alone");

  // Many at once: all, or nothing.
  const operations: components["schemas"]["Operation"][] = [
    { op: "add_user", key: "bulk.one" },
    { op: "add_member", resource, user: "bulk.one" },
    { op: "grant", resource, subject: "user:bulk.one", role: "manager" },
    { op: "change_user", user: "bulk.one", first_name: "One" },
  ];
  const header2 = { "Idempotency-Key": `"${randomUUID()}"` };
  const bulk = await api.POST("/bulk", { body: { operations }, params: { header: header2 } });
  const outcome = done(bulk, 200, "bulk");
  equal(outcome.added.length, 1, "what was added");
  const rerun = await api.POST("/bulk", { body: { operations }, params: { header: header2 } });
  equal(done(rerun, 200, "bulk, asked again"), outcome, "done once");
  const half = await api.POST("/bulk", {
    body: {
      operations: [
        { op: "add_user", key: "bulk.two" },
        { op: "remove_user", user: "nobody.at.all" },
      ],
    },
  });
  equal(half.error?.operation, 1, "which one was refused");
  const two = await api.GET("/users/{user}", { params: { path: { user: "bulk.two" } } });
  refused(two, 404, "not-found", "and nothing of it happened");
  for (const who of [user, "bulk.one"]) {
    const removed = await api.DELETE("/users/{user}", { params: { path: { user: who } } });
    empty(removed, 204, "remove");
  }
  const late = await api.POST("/users", { body, params: { header: header1 } });
  refused(late, 410, "gone", "done before, result gone");

  const stranger = createClient<paths>({ baseUrl: `${url}/api/v1` });
  refused(await stranger.GET("/users"), 401, "unauthenticated", "without a credential");
}

async function authzen(): Promise<void> {
  const point = createClient<AuthzenPaths>({
    baseUrl: url,
    headers: { Authorization: `Bearer ${variable("DECISION_POINT_TOKEN")}` },
  });
  const subject = { type: "user", id: "freya.holm" };
  const resource = { type: "customer", id: "harbour-bakery" };
  const action = { name: "customers.users.list" };
  const allowed = await point.POST("/access/v1/evaluation", {
    body: { subject, action, resource },
  });
  const decision = done(allowed, 200, "evaluation");
  equal(decision.decision, true, "Freya may");
  const { context } = decision;
  equal("reason" in context ? context.reason.code : null, "allowed", "and why");
  const denied = await point.POST("/access/v1/evaluation", {
    body: { subject, action: { name: "tenants.view" }, resource },
  });
  equal(done(denied, 200, "evaluation").decision, false, "and may not");
  const several = await point.POST("/access/v1/evaluations", {
    body: { subject, resource, evaluations: [{ action }, { action: { name: "tenants.view" } }] },
  });
  const answers = done(several, 200, "evaluations");
  equal(
    "evaluations" in answers ? answers.evaluations.map((one) => one.decision) : null,
    [true, false],
    "in their order",
  );
  const search = await point.POST("/access/v1/search/subject", {
    body: { subject: { type: "user" }, action, resource },
  });
  const people = done(search, 200, "search").results.map((one) => one.id);
  expect(people.includes("freya.holm"), "who may", people);
}

for (const [name, trip] of Object.entries({ attache, authzen })) {
  met = 0;
  failed = 0;
  try {
    await trip();
  } catch (error) {
    expect(false, "the round trip comes to its end", String(error));
  }
  const verdict = failed === 0 ? "passed" : "failed";
  const line = `${verdict}  TypeScript  ${name.padEnd(8)} ${met} of ${met + failed} as expected`;
  console.log(`   ${line}`);
  appendFileSync(summary, `${line}\n`);
  if (failed > 0) {
    process.exitCode = 1;
  }
}
