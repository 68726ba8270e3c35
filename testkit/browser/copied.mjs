// Opens a page that is served, has it copy a text by its button, and prints what the clipboard holds, and what is wrong.
// Arguments: the directory of the packages, and a file with what to do.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const [packages, task] = process.argv.slice(2);
const require = createRequire(`${packages}/package.json`);
const { chromium } = require("playwright-core");
const { AxeBuilder } = require("@axe-core/playwright");
const { executable, variables, url, button, screenshot } = JSON.parse(readFileSync(task, "utf8"));

const browser = await chromium.launch({
  executablePath: executable,
  args: ["--no-sandbox"],
  env: { ...process.env, ...variables },
});
const findings = [];
let copied;
try {
  const context = await browser.newContext({ permissions: ["clipboard-read", "clipboard-write"] });
  const page = await context.newPage();
  page.on("console", (message) => findings.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => findings.push(`error: ${error.message}`));
  await page.goto(url);
  await page.locator(`#${button}`).click({ timeout: 30_000 });
  await page.getByText("Copied").waitFor({ timeout: 30_000 });
  copied = await page.evaluate(() => navigator.clipboard.readText());
  const { violations } = await new AxeBuilder({ page }).analyze();
  for (const { id, help } of violations) findings.push(`axe: ${id}: ${help}`);
  if (screenshot) await page.screenshot({ path: screenshot, fullPage: true });
} finally {
  await browser.close();
}
console.log(JSON.stringify({ copied, findings }));
