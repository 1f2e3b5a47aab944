// The payment element of the sandbox: what Stripe.js and its Payment Element are with real keys.
// It speaks the same calls (a payment method, then confirm, with the publishable key) and tells
// the page around it with {type: "payment", intent, status}, {type: "busy", busy} and
// {type: "size", height}.
"use strict";

const facts = JSON.parse(document.getElementById("facts").textContent);
const words = facts.words;
const api = new URL("../v1/", location.href);
const $ = (id) => document.getElementById(id);
const framed = window.parent !== window;
let told = "";

function tell(message) {
  if (framed) window.parent.postMessage({ source: "sandbox", ...message }, location.origin);
}

async function call(method, path, fields) {
  const form = new URLSearchParams({ key: facts.key, ...fields });
  const url = new URL(path, api);
  if (method === "GET") url.search = form;
  const answer = await fetch(url, { method, body: method === "GET" ? undefined : form });
  return await answer.json();
}

function show(name) {
  for (const id of ["form", "ask", "end"]) $(id).hidden = id !== name;
}

function complain(error) {
  const known = [error.decline_code, error.code].find((code) => code && words[code]);
  $("problem").textContent = known ? words[known] : error.message || words.declined;
  $("problem").hidden = false;
}

function busy(yes) {
  tell({ type: "busy", busy: yes });
  $("pay").disabled = yes;
  document.querySelectorAll("[data-outcome]").forEach((button) => (button.disabled = yes));
  $("pay").textContent = yes ? words.busy : payWord();
}

function method() {
  return document.querySelector("input[name=method]:checked").value;
}

function payWord() {
  return { alipay: words.go_alipay, wechat_pay: words.go_wechat }[method()] || words.pay;
}

function chooseMethod() {
  const card = method() === "card";
  $("card").hidden = !card;
  $("wallet-note").hidden = card;
  $("problem").hidden = true;
  $("pay").textContent = payWord();
}

function end(status) {
  $("end-title").textContent = words[status];
  $("end-note").textContent = words[`${status}_note`];
  $("sign").className = `sign ${status}`;
  const over = status !== "processing";
  $("back").hidden = !(over && facts.back && !framed);
  if (facts.back) $("back").href = facts.back;
  show("end");
}

function render(intent) {
  const kind = intent.next_action && intent.next_action.type;
  switch (intent.status) {
    case "requires_action": {
      const wechat = kind === "wechat_pay_display_qr_code";
      const wallet = wechat || kind === "alipay_handle_redirect";
      $("ask-title").textContent = wallet ? words.wallet : words.challenge;
      $("ask-note").textContent = wechat
        ? words.scan_note
        : wallet ? words.wallet_note : words.challenge_note;
      $("code").hidden = !wechat;
      document.querySelectorAll(".wallet-only").forEach((b) => (b.hidden = !wallet));
      show("ask");
      break;
    }
    case "processing":
      end("processing");
      follow();
      break;
    case "succeeded":
      end("succeeded");
      if (facts.back && !framed) setTimeout(() => location.assign(facts.back), 1200);
      break;
    case "canceled":
      end("canceled");
      break;
    default:
      show("form");
      if (intent.last_payment_error) complain(intent.last_payment_error);
  }
  if (intent.status !== told) {
    told = intent.status;
    tell({ type: "payment", intent: facts.intent, status: intent.status });
  }
}

async function look() {
  const path = `payment_intents/${facts.intent}`;
  const intent = await call("GET", path, { client_secret: facts.secret });
  if (intent.error) complain(intent.error);
  else render(intent);
}

let following = 0;
function follow() {
  clearTimeout(following);
  following = setTimeout(() => look().catch(follow), 1500);
}

function cardFields() {
  const [month, year] = $("expiry").value.split("/").map((part) => part.trim());
  if (!$("number").value.trim() || !month || !year || !$("cvc").value) return null;
  return {
    type: "card",
    "card[number]": $("number").value.replace(/\s/g, ""),
    "card[exp_month]": month,
    "card[exp_year]": year,
    "card[cvc]": $("cvc").value,
  };
}

async function pay() {
  const fields = { client_secret: facts.secret };
  if (method() === "card") {
    const card = cardFields();
    if (!card) return complain({ message: words.card_incomplete });
    const made = await call("POST", "payment_methods", card);
    if (made.error) return complain(made.error);
    fields.payment_method = made.id;
  } else {
    fields["payment_method_data[type]"] = method();
    fields.return_url = new URL(facts.back || location.href, location.href).href;
  }
  const intent = await call("POST", `payment_intents/${facts.intent}/confirm`, fields);
  if (intent.error) {
    if (intent.error.payment_intent) render(intent.error.payment_intent);
    complain(intent.error);
  } else render(intent);
}

async function answer(outcome) {
  const form = new URLSearchParams({ outcome, client_secret: facts.secret });
  const url = new URL(`${facts.intent}/answer`, location.href);
  const intent = await (await fetch(url, { method: "POST", body: form })).json();
  if (intent.error) await look();
  else render(intent);
}

async function carefully(work) {
  $("problem").hidden = true;
  busy(true);
  try {
    await work();
  } catch {
    complain({ message: words.lost });
  } finally {
    busy(false);
  }
}

$("form").addEventListener("submit", (event) => {
  event.preventDefault();
  carefully(pay);
});
$("form").addEventListener("change", (event) => {
  if (event.target.name === "method") chooseMethod();
});
$("number").addEventListener("input", (event) => {
  const digits = event.target.value.replace(/\D/g, "").slice(0, 19);
  event.target.value = digits.replace(/(.{4})(?=.)/g, "$1 ");
});
$("expiry").addEventListener("input", (event) => {
  const digits = event.target.value.replace(/\D/g, "").slice(0, 4);
  event.target.value = digits.length > 2 ? `${digits.slice(0, 2)} / ${digits.slice(2)}` : digits;
});
document.querySelectorAll("[data-number]").forEach((chip) =>
  chip.addEventListener("click", () => {
    $("number").value = chip.dataset.number.replace(/(.{4})(?=.)/g, "$1 ");
    $("expiry").value = "12 / 34";
    $("cvc").value = "123";
    $("problem").hidden = true;
  }),
);
document.querySelectorAll("[data-outcome]").forEach((button) =>
  button.addEventListener("click", () => carefully(() => answer(button.dataset.outcome))),
);
new ResizeObserver(() => tell({ type: "size", height: document.body.scrollHeight })).observe(
  document.body,
);

if (!document.querySelector("input[name=method]:checked")) show("end");
else {
  chooseMethod();
  look().catch(() => {
    show("form");
    complain({ message: words.lost });
  });
}
