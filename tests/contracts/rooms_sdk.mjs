// The official JavaScript SDK against a gateway: one transport in one encoding, all that a
// room needs of it. Arguments: the SDK's folder, the gateway's port, transport, encoding.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { createRequire } from "node:module";
import net from "node:net";

const [folder, port, transport, encoding] = process.argv.slice(2);
const load = createRequire(import.meta.url);
const { Centrifuge } = load(`${folder}/build/${encoding === "protobuf" ? "protobuf/" : ""}index.js`);

// The network between: it can be cut and mended.
const wires = new Set();
let whole = true;
const link = net.createServer((near) => {
  if (!whole) return near.destroy();
  const far = net.connect(Number(port), "127.0.0.1");
  for (const [one, other] of [[near, far], [far, near]]) {
    wires.add(one);
    one.on("error", () => {});
    one.on("close", () => { wires.delete(one); other.destroy(); });
    one.pipe(other);
  }
});
await new Promise((done) => link.listen(0, "127.0.0.1", done));
const host = `127.0.0.1:${link.address().port}`;
const cut = () => { whole = false; wires.forEach((wire) => wire.destroy()); };

// As little of an EventSource as the SDK needs; Node has none.
class Events {
  constructor(url) {
    this.stop = new AbortController();
    this.run(url).catch((error) => this.onerror?.(error));
  }
  async run(url) {
    const answer = await fetch(url, { signal: this.stop.signal });
    this.onopen?.();
    let text = "";
    for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
      const events = (text + chunk).split("\n\n");
      text = events.pop();
      for (const event of events) this.onmessage?.({ data: event.trim().replace(/^data: /, "") });
    }
    this.onerror?.(new Error("ended"));
  }
  close() { this.stop.abort(); }
}

const endpoint = transport === "websocket"
  ? `ws://${host}/connection/websocket`
  : `http://${host}/connection/${transport}`;
const client = (more = {}) => new Centrifuge([{ transport, endpoint }], {
  ...more,
  websocket: globalThis.WebSocket,
  fetch: globalThis.fetch,
  readableStream: globalThis.ReadableStream,
  eventsource: Events,
  emulationEndpoint: `http://${host}/emulation`,
  minReconnectDelay: 50,
  maxReconnectDelay: 200,
});

const packed = (value) =>
  encoding === "protobuf" ? new TextEncoder().encode(JSON.stringify(value)) : value;
const read = (data) =>
  encoding === "protobuf" ? JSON.parse(new TextDecoder().decode(data)) : data;
const api = async (method, body) => {
  const answer = await fetch(`http://127.0.0.1:${port}/api/${method}`, {
    method: "POST",
    headers: { "X-API-Key": "test-api-key" },
    body: JSON.stringify(body),
  });
  const { result, error } = await answer.json();
  assert.equal(error, undefined);
  return result;
};
const until = async (what, holds) => {
  for (const end = Date.now() + 15000; !(await holds());) {
    assert.ok(Date.now() < end, `never: ${what}`);
    await new Promise((done) => setTimeout(done, 10));
  }
};
const once = (source, event) => new Promise((done) => source.once(event, done));

const name = `${transport}-${encoding}`;
const one = client();
one.connect();
await one.ready(5000);

// Subscribe, publish, history, presence.
const heard = [];
const sub = one.newSubscription(`room-${name}`);
sub.on("publication", (pub) => heard.push([pub.offset, read(pub.data)]));
sub.subscribe();
await sub.ready(5000);
for (const n of [1, 2, 3]) await sub.publish(packed({ n, said: "红色 → red" }));
await until("three are heard", () => heard.length === 3);
assert.deepEqual(heard[2], [3, { n: 3, said: "红色 → red" }]);
const history = await sub.history({ limit: 2, reverse: true });
assert.deepEqual(history.publications.map((pub) => read(pub.data).n), [3, 2]);
assert.equal(history.offset, 3);
assert.equal((await sub.history({ limit: 0 })).publications.length, 0);
const { clients } = await sub.presence();
assert.equal(Object.keys(clients).length, 1);
assert.equal((await sub.presenceStats()).numClients, 1);
await assert.rejects(one.rpc("nothing", packed({})), { code: 108 });
if (encoding === "json") await assert.rejects(sub.publish("cut within \ud83d"), { code: 107 });

// What came while the network was away is recovered, in order, once.
const recovered = once(sub, "subscribed");
cut();
await once(one, "connecting");
await api("broadcast", { channels: [`room-${name}`], data: { n: 4 } });
await api("publish", { channel: `room-${name}`, data: { n: 5 } });
whole = true;
const context = await recovered;
assert.equal(context.wasRecovering, true);
assert.equal(context.recovered, true);
await until("five are heard", () => heard.length === 5);
assert.deepEqual(heard.map(([offset]) => offset), [1, 2, 3, 4, 5]);

// Deltas: every value arrives whole, however it travelled; also after a cut.
const goods = (stock) => ({ sku: "A1", name: "羊绒围巾 / cashmere scarf", price: "129.00", stock });
const seen = [];
const delta = one.newSubscription(`delta:${name}`, { delta: "fossil" });
delta.on("publication", (pub) => seen.push(read(pub.data)));
delta.subscribe();
await delta.ready(5000);
for (const n of [9, 8, 7]) await api("publish", { channel: `delta:${name}`, data: goods(n) });
await until("three values", () => seen.length === 3);
const again = once(delta, "subscribed");
cut();
await once(one, "connecting");
for (const n of [6, 5]) await api("publish", { channel: `delta:${name}`, data: goods(n) });
whole = true;
await again;
for (const n of [4, 3]) await api("publish", { channel: `delta:${name}`, data: goods(n) });
await until("seven values", () => seen.length === 7);
assert.deepEqual(seen, [9, 8, 7, 6, 5, 4, 3].map(goods));
const { numFullPayloads, numDeltaPayloads } = delta.deltaStats();
assert.deepEqual([numFullPayloads, numDeltaPayloads], [2, 5]); // one whole per subscribing

// State first, then what follows its position; and the state anew when that is too old.
const short = `smallhistory:${name}`;
let loads = 0;
const getState = async () => {
  const { offset, epoch } = await api("history", { channel: short, limit: 0 });
  loads += 1;
  if (loads === 1) for (const n of [1, 2, 3, 4]) await api("publish", { channel: short, data: n });
  return { offset: offset ?? 0, epoch };
};
const stateful = one.newSubscription(short, { getState, minResubscribeDelay: 10 });
const after = [];
stateful.on("publication", (pub) => after.push(read(pub.data)));
stateful.subscribe();
await stateful.ready(10000);
await api("publish", { channel: short, data: 5 });
await until("what follows", () => after.length === 1);
assert.deepEqual([loads, after], [2, [5]]);

// In and out and in again, faster than answers come, leaves one behind, and then none.
const busy = one.newSubscription(`busy-${name}`);
for (let n = 0; n < 10; n += 1) { busy.subscribe(); busy.unsubscribe(); }
busy.subscribe();
assert.equal((await busy.presenceStats()).numClients, 1);
assert.equal(Object.keys((await busy.presence()).clients).length, 1);
busy.unsubscribe();
await until("nobody", async () => (await one.presenceStats(`busy-${name}`)).numClients === 0);

// With tokens of nobody in particular that never run out: asked for again where that failed,
// refused for good where they are forged.
const token = (claims, secret = "secret") => {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const said = `${part({ alg: "HS256", typ: "JWT" })}.${part({ iat: 1738078824, ...claims })}`;
  return `${said}.${createHmac("sha256", secret).update(said).digest("base64url")}`;
};
const failingOnce = (value) => {
  let asked = 0;
  return async () => { asked += 1; if (asked === 1) throw new Error("not now"); return value; };
};
const bearer = client({ getToken: failingOnce(token({})) });
bearer.connect();
await bearer.ready(5000);
const many = Array.from({ length: 5 }, (_, n) => {
  const channel = `many-${name}-${n}`;
  const getToken = failingOnce(token({ channel }));
  const each = bearer.newSubscription(channel, { getToken, minResubscribeDelay: 1 });
  each.subscribe();
  return each;
});
await Promise.all(many.map((each) => each.ready(10000)));
const refused = bearer.newSubscription("elsewhere", { getToken: async () => token({ channel: "elsewhere" }, "forged") });
const ended = once(refused, "unsubscribed");
refused.subscribe();
assert.equal((await ended).code, 103);
many.forEach((each) => each.unsubscribe());
bearer.disconnect();
const forger = client({ token: token({}, "forged") });
const final = once(forger, "disconnected");
forger.connect();
assert.deepEqual({ ...(await final) }, { code: 3500, reason: "invalid token" });

// A subscription that is given up between the connect and its answer can be had later.
const hasty = client();
const given = hasty.newSubscription(`hasty-${name}`);
hasty.once("__centrifuge_debug:connect_frame_sent", () => given.unsubscribe());
given.subscribe();
hasty.connect();
await hasty.ready(5000);
given.subscribe();
await given.ready(10000);
hasty.disconnect();

// Who leaves, and who breaks off, is not present any more.
const two = client();
two.connect();
await two.ready(5000);
await two.newSubscription(`room-${name}`).subscribe();
const present = async () => (await api("presence_stats", { channel: `room-${name}` })).num_clients;
await until("both are there", async () => (await present()) === 2);
two.disconnect();
await until("one has left", async () => (await present()) === 1);
cut();
await until("nobody is there", async () => (await present()) === 0);
one.disconnect();
link.close();
process.stdout.write("held\n");
