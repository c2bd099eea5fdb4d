// Opens the pages of a shop in headless Chromium, tries them, and writes pictures: browse.mjs URL FOLDER.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import path from "node:path";
import { chromium } from "playwright-core";

const [url, folder] = process.argv.slice(2);
const options = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const browser = await chromium.launchPersistentContext(path.join(folder, "profile"), {
  executablePath: execFileSync("which", ["chromium"], { encoding: "utf8" }).trim(),
  args: options,
  viewport: { width: 1200, height: 900 },
});

/** A page that remembers what went wrong: errors, what the policy of the page forbids, and requests to other hosts. */
async function open(place, colorScheme = "light") {
  const page = await browser.newPage();
  const problems = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) problems.push(message.text());
  });
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("requestfailed", (request) => problems.push(`${request.url()}: ${request.failure().errorText}`));
  page.on("request", (request) => {
    const foreign = !request.url().startsWith(url) && !request.url().startsWith("data:");
    if (foreign) problems.push(`asks another host: ${request.url()}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) problems.push(`${response.url()}: ${response.status()}`);
  });
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      console.error(`forbidden by the page's policy: ${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  await page.emulateMedia({ colorScheme });
  const answer = await page.goto(url + place);
  assert.equal(answer.status(), 200, place);
  return { page, problems };
}

const picture = (page, name) => page.screenshot({ path: path.join(folder, `${name}.png`) });

async function landing(colorScheme) {
  const { page, problems } = await open("/", colorScheme);
  const status = await (await fetch(`${url}/api/status`)).json();
  await page.getByText("All services are serving").waitFor();
  const rows = await page.locator("#services tr").allInnerTexts();
  assert.equal(rows.length, status.services.length);
  for (const { service, version } of status.services) {
    const row = rows.find((text) => text.startsWith(service));
    assert.match(row ?? "", /Serving/, service);
    assert.ok(row.includes(version), `${service}: ${row}`);
  }
  // It asks again by itself.
  await page.waitForResponse((response) => response.url() === `${url}/api/status`);
  await picture(page, `landing-${colorScheme}`);
  assert.deepEqual(problems, []);
  await page.close();
}

async function docs(colorScheme) {
  const { page, problems } = await open("/docs", colorScheme);
  const document = await (await fetch(`${url}/openapi.json`)).json();
  await page.locator(".opblock-tag-section").first().waitFor();
  const tags = await page.locator(".opblock-tag").count();
  assert.equal(tags, document.tags.length);
  await picture(page, `docs-${colorScheme}`);

  // Every operation is there once its group is open.
  for (const tag of await page.locator(".opblock-tag").all()) await tag.click();
  const operations = Object.values(document.paths).flatMap((item) => Object.values(item));
  await page.waitForFunction(
    (count) => window.document.querySelectorAll(".opblock").length === count,
    operations.length,
  );

  // A public GET, sent from the page.
  const search = page.locator("#operations-ProductService-ProductService_SearchProducts");
  await search.locator(".opblock-summary-control").click();
  await search.locator("tr[data-param-name=query] input").fill("earl grey");
  await search.getByRole("button", { name: "Execute" }).click();
  const answer = search.locator(".live-responses-table .response");
  await answer.first().waitFor();
  assert.match(await answer.locator(".response-col_status").innerText(), /^200/);
  assert.match(await answer.locator(".response-col_description").innerText(), /Earl Grey/);
  await answer.first().scrollIntoViewIfNeeded();
  await picture(page, `docs-tried-${colorScheme}`);
  assert.deepEqual(problems, []);
  await page.close();
}

try {
  for (const colorScheme of ["light", "dark"]) {
    await landing(colorScheme);
    await docs(colorScheme);
  }
} finally {
  await browser.close();
}
