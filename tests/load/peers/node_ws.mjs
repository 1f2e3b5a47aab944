// Node's `ws` with a frame prepared once for everybody. Behaves as room_peers.py says.
import { createInterface } from "node:readline";
import { Sender, WebSocketServer } from "ws";

const server = new WebSocketServer({
  host: "127.0.0.1",
  port: 0,
  backlog: 4096,
  perMessageDeflate: false,
  skipUTF8Validation: true,
});
server.on("listening", () => console.log("port", server.address().port));

let number = 0;
const now = () => Number(process.hrtime.bigint());

function message(n, at, size) {
  const head = `{"n":${n},"at":${at},"t":"chat","text":"`;
  return `${head}${"x".repeat(size - head.length - 2)}"}`;
}

function tell(text) {
  const frame = Buffer.concat(
    Sender.frame(Buffer.from(text), {
      fin: true,
      opcode: 1,
      mask: false,
      readOnly: false,
      rsv1: false,
    }),
  );
  for (const viewer of server.clients) viewer._socket.write(frame);
}

const until = (moment) =>
  new Promise((resolve) => {
    const left = (moment - now()) / 1e6;
    if (left > 0) setTimeout(resolve, left);
    else setImmediate(resolve);
  });

async function publish(count, rate, size) {
  const began = now();
  for (let i = 0; i < count; i++) {
    const due = rate ? Math.floor(began + (i * 1e9) / rate) : now();
    await until(due);
    tell(message(++number, due, size));
  }
  console.log("done", (now() - began) / 1e9);
}

createInterface({ input: process.stdin })
  .on("line", (line) => publish(...line.split(" ").slice(1).map(Number)))
  .on("close", () => process.exit());
