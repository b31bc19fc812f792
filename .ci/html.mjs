// Reads an HTML report in a browser: node html.mjs FILE FOLDER [LARGE]. The run in it has failures and requests that passed. LARGE is the
// report of thousands of requests: how soon its first failure is seen is measured.
import { readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { chromium } from "playwright-core";

const [file, folder, large] = process.argv.slice(2);
const axe = readFileSync(new URL("node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const strict = "sandbox; default-src 'none'; img-src 'self'; style-src 'self'";
const types = { html: "text/html; charset=utf-8", css: "text/css", js: "text/javascript" };
const server = createServer((request, response) => {
  const path = new URL(request.url, "http://x").pathname.slice(1);
  const from = path === "file.html" ? file : join(folder, path.replace("folder/", "") || "index.html");
  try {
    const body = readFileSync(from);
    response.writeHead(200, { "Content-Type": types[from.split(".").pop()] ?? "text/plain", ...(request.headers["x-strict"] ? { "Content-Security-Policy": strict } : {}) });
    response.end(body);
  } catch { response.writeHead(404).end(); }
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const site = `http://127.0.0.1:${server.address().port}`;

let faults = 0;
const holds = (so, what) => { if (!so) { faults++; console.log(`not so: ${what}`); } };
const browser = await chromium.launch({ executablePath: process.env.BROWSER, args: ["--no-sandbox"] });

const open = async (url, { width = 1440, scheme = "light", strict = false, script = true } = {}) => {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme, javaScriptEnabled: script, extraHTTPHeaders: strict ? { "x-strict": "1" } : {} });
  const page = await context.newPage();
  const outside = [];
  page.on("request", (request) => { if (!request.url().startsWith(site) && !request.url().startsWith("file:")) outside.push(request.url()); });
  page.on("pageerror", (error) => { holds(false, `${url}: ${error.message}`); });
  await page.goto(url);
  holds(outside.length === 0, `${url} asks for ${outside}`);
  return { page, context };
};

const accessible = async (url, width, scheme) => {
  const { page, context } = await open(url, { width, scheme });
  await page.evaluate(() => { for (const part of document.querySelectorAll("details")) part.open = true; });
  const found = await page.evaluate(`${axe};axe.run({ preload: false })`);
  for (const v of found.violations) holds(false, `axe, ${width} px, ${scheme}: ${v.id}: ${v.nodes.length} times, first ${v.nodes[0].html.slice(0, 160)}`);
  const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  holds(over <= 0, `${width} px: the page is ${over} px too wide`);
  await context.close();
};
for (const width of [320, 1440]) for (const scheme of ["light", "dark"]) await accessible(`file://${file}`, width, scheme);

const rows = (page) => page.locator(".row:visible").count();
{
  const { page, context } = await open(`file://${file}`);
  const whole = await rows(page), failed = await page.locator(".row.failed, .row.errored").count();
  holds(whole > failed && failed > 0, `rows of every kind are there, got ${whole}, ${failed} of them failed`);
  holds(await page.locator(".failure").first().isVisible(), "the first failure is visible");
  const kind = await page.locator("#show-failed").count() ? "failed" : "errored";
  await page.locator(`label[for=show-${kind}]`).click();
  const chosen = await rows(page);
  holds(chosen > 0 && chosen < whole, `the button ${kind} leaves some rows, got ${chosen} of ${whole}`);
  holds((await page.evaluate(() => location.hash)).includes(`show=${kind}`), "the address keeps the choice");
  await page.reload();
  holds(await rows(page) === chosen, "the choice is there again after a reload");
  await page.keyboard.press("Escape");
  holds(await rows(page) === whole, "Escape shows everything");
  await page.keyboard.press("/");
  await page.keyboard.type("zzz-nothing-has-this-text");
  await page.waitForFunction(() => !document.querySelector(".none").hidden);
  holds(await rows(page) === 0, "a search for what is nowhere finds nothing");
  await page.keyboard.press("Escape");
  const name = await page.locator(".row.passed .name").first().textContent();
  await page.locator("#search").fill(name);
  await page.waitForFunction((n) => document.querySelectorAll(".row:not([hidden])").length < n, whole);
  holds(await rows(page) >= 1, `a search for ${name} finds it`);
  await page.keyboard.press("Escape");
  await page.keyboard.press("j");
  holds(await page.evaluate(() => document.activeElement.closest(".failure") !== null), "j goes to the first failure");
  await context.close();
}

for (const [url, styled] of [[`${site}/folder/`, true], [`${site}/file.html`, false]]) {
  const { page, context } = await open(url, { strict: true, script: false });
  const text = await page.locator("body").innerText();
  holds(text.includes("Failures") && text.includes("All requests") && text.includes("link to this failure"), `${url} can be read under Jenkins' policy`);
  holds(await page.evaluate(() => getComputedStyle(document.body).marginTop === "0px") === styled, `${url}: styled is ${styled} under Jenkins' policy`);
  await context.close();
}
{
  const { page, context } = await open(`file://${join(folder, "index.html")}`);
  holds(await page.locator("#search").isVisible(), "the folder's script runs from the disk");
  holds(await page.evaluate(() => getComputedStyle(document.body).marginTop) === "0px", "the folder's style applies from the disk");
  await context.close();
}
{
  const { page, context } = await open(`file://${file}`, { script: false });
  const whole = await rows(page);
  await page.locator("label[for=show-passed]").click();
  const left = await rows(page);
  holds(left > 0 && left < whole, `the buttons work without the script, got ${left} of ${whole} rows`);
  await context.close();
}
if (large) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  const began = performance.now();
  await page.goto(`file://${large}`, { waitUntil: "commit" });
  await page.locator(".failure").first().waitFor({ state: "visible" });
  const seen = Math.round(performance.now() - began);
  holds(seen <= 2000, `the first failure of a large report is visible within 2 s, got ${seen} ms`);
  const size = statSync(large).size;
  holds(size <= 15 << 20, `a report of 5,000 requests has at most 15 MiB, got ${size} bytes`);
  console.log(`a report of ${size} bytes shows its first failure after ${seen} ms`);
  await context.close();
}
await browser.close();
server.close();
console.log(faults ? `${faults} faults in the HTML report` : "the HTML report holds in the browser");
process.exit(faults ? 1 : 0);
