// What every browser test starts from: a shopper, the catalogue, and a browser that must find nothing to complain about.
import { test as base, type BrowserContext } from '@playwright/test';
import { Catalogue } from './catalogue';
import { Shopper } from './shopper';

export { expect } from '@playwright/test';

type Fixtures = {
  /** What the browser complained of; must be empty in the end. */
  complaints: string[];
  catalogue: Catalogue;
  shopper: Shopper;
  /** Another shopper, or the one with this address, with a browser context of their own. */
  another: (email?: string) => Promise<Shopper>;
};

export const test = base.extend<Fixtures>({
  complaints: [
    async ({ context }, use) => {
      const complaints: string[] = [];
      await listen(context, complaints);
      await use(complaints);
      base.expect(complaints, 'what the browser complained of').toEqual([]);
    },
    { auto: true },
  ],
  catalogue: async ({ request }, use, { testId }) => use(new Catalogue(request, testId)),
  shopper: async ({ page }, use) => use(new Shopper(page)),
  another: async ({ browser, complaints }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async (email) => {
      const context = await browser.newContext();
      contexts.push(context);
      await listen(context, complaints);
      return new Shopper(await context.newPage(), email);
    });
    for (const context of contexts) await context.close();
  },
});

/** Collects errors in the console, exceptions, and violations of the content security policy. */
async function listen(context: BrowserContext, complaints: string[]): Promise<void> {
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (violation) => {
      console.error(`policy violated: ${violation.violatedDirective} by ${violation.blockedURI}`);
    });
  });
  const visited = new Set<string>();
  context.on('request', (request) => {
    if (request.isNavigationRequest()) visited.add(request.url());
  });
  context.on('console', (message) => {
    // A page whose own status is an error is told of in the console; tests look at that status themselves.
    const isStatus = message.text().startsWith('Failed to load resource') && visited.has(message.location().url);
    if (message.type() === 'error' && !isStatus) complaints.push(`${message.location().url}: ${message.text()}`);
  });
  context.on('weberror', (error) => complaints.push(`${error.page()?.url()}: ${error.error()}`));
}
