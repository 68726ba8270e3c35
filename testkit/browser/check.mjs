// Looks at pages as a browser shows them: each in light, in dark, and at 320 px. Prints what is wrong as JSON.
// Arguments: the directory of the packages, and a file with what to do.
import { createRequire } from "node:module";
import { createServer } from "node:http";
import { readFileSync } from "node:fs";

const [packages, task] = process.argv.slice(2);
const require = createRequire(`${packages}/package.json`);
const { chromium } = require("playwright-core");
const { AxeBuilder } = require("@axe-core/playwright");
const { executable, variables, policy, pages, screenshots } = JSON.parse(readFileSync(task, "utf8"));

const served = new Map(pages.map(({ name, file }) => [`/${name}`, readFileSync(file, "utf8")]));
const asked = new Map();
const server = createServer((request, response) => {
  const path = request.url.split("?")[0];
  asked.set(path, (asked.get(path) ?? 0) + 1);
  const page = served.get(path);
  response.writeHead(page ? 200 : 404, { "content-type": "text/html; charset=utf-8", "content-security-policy": policy });
  response.end(page ?? "");
});
await new Promise((listens) => server.listen(0, "127.0.0.1", listens));
const origin = `http://127.0.0.1:${server.address().port}`;
const browser = await chromium.launch({
  executablePath: executable,
  args: ["--no-sandbox"],
  env: { ...process.env, ...variables },
});
const findings = [];

const opened = async (name, options) => {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const where = `${name}, ${options.colorScheme ?? "light"}, ${options.viewport?.width ?? "usual"}`;
  const found = (what) => findings.push(`${where}: ${what}`);
  page.on("console", (message) => found(`console: ${message.text()}`));
  page.on("pageerror", (error) => found(`error: ${error.message}`));
  page.on("request", (request) => request.url().startsWith(origin) || found(`asks for ${request.url()}`));
  await page.goto(`${origin}/${name}`);
  return { context, page, found };
};

const look = async (name, colorScheme, width) => {
  const { context, page, found } = await opened(name, { colorScheme, viewport: { width, height: 900 } });
  await page.evaluate(() => document.querySelectorAll("details").forEach((one) => { one.open = true; }));
  const { violations, incomplete } = await new AxeBuilder({ page }).analyze();
  for (const { id, help, nodes } of violations) found(`axe: ${id}: ${help}: ${nodes.map((node) => node.html).join(" ")}`);
  for (const { id, nodes } of incomplete) {
    if (id !== "color-contrast") found(`axe cannot tell: ${id}: ${nodes.map((node) => node.html).join(" ")}`);
  }
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  if (overflow > 0) found(`${overflow} px wider than the screen`);
  const small = await page.evaluate(() => [...document.querySelectorAll("p, li, dd, dt, td, th, code, summary, button, a")]
    .filter((one) => one.checkVisibility() && parseFloat(getComputedStyle(one).fontSize) < 12).map((one) => one.outerHTML));
  if (small.length) found(`letters below 12 px: ${small[0]}`);
  await page.evaluate(() => document.querySelectorAll("details").forEach((one) => { one.open = false; }));
  if (screenshots) await page.screenshot({ path: `${screenshots}/${name}-${colorScheme}-${width}.png`, fullPage: true });
  await context.close();
};

// Every control is reached by the keyboard, and shows that it is.
const walk = async (name) => {
  const { context, page, found } = await opened(name, {});
  const controls = await page.evaluate(() => [...document.querySelectorAll("a[href], button, summary, [tabindex='0']")]
    .filter((one) => one.checkVisibility()).length);
  const seen = new Set();
  for (let step = 0; step < controls; step += 1) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => {
      const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
      return { html: document.activeElement.outerHTML, shows: outlineStyle !== "none" && outlineWidth !== "0px" };
    });
    if (!at.shows) found(`no sign of the focus: ${at.html.slice(0, 120)}`);
    seen.add(at.html);
  }
  if (seen.size !== controls) found(`${seen.size} of ${controls} controls are reached by the keyboard`);
  await context.close();
};

// What is served next is shown without a new page, and what somebody has opened stays open.
const renew = async (name) => {
  const before = served.get(`/${name}`);
  const quick = before.replaceAll(/data-again="\d+"/g, 'data-again="0.2"');
  served.set(`/${name}`, quick);
  const { context, page, found } = await opened(name, {});
  await page.locator("#all-chains > summary").click();
  await page.evaluate(() => { window.isTheSame = true; });
  served.set(`/${name}`, quick.replaceAll("Last full", "Last full, renewed"));
  await page.getByText("Last full, renewed").waitFor({ timeout: 30_000 });
  if (!(await page.evaluate(() => window.isTheSame))) found("the page was loaded anew");
  if (!(await page.evaluate(() => document.getElementById("all-chains").open))) found("what was open is closed");
  await page.locator("#pause").click();
  if ((await page.locator("#pause").getAttribute("aria-pressed")) !== "true") found("updates cannot be paused");
  const still = asked.get(`/${name}`);
  await page.waitForTimeout(1_000);
  if (asked.get(`/${name}`) > still + 1) found("it is asked for while it is paused");
  served.set(`/${name}`, before);
  await context.close();
};

// Without a script all of it is there, and a browser asks again by itself.
const plain = async (name) => {
  const { context, page, found } = await opened(name, { javaScriptEnabled: false });
  if (!(await page.locator("main").innerText()).includes("can be restored")) found("nothing is said without a script");
  if (await page.locator("#pause").isVisible()) found("a button that does nothing is shown");
  await context.close();
};

try {
  for (const { name } of pages) {
    await look(name, "light", 1280);
    await look(name, "dark", 1280);
    await look(name, "light", 320);
    await walk(name);
  }
  await renew(pages[0].name);
  await plain(pages[0].name);
} finally {
  await browser.close();
  server.close();
}
console.log(JSON.stringify({ pages: pages.length, findings }));
