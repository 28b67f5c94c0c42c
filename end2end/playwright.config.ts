// The browser tests, against a shop that is open: BASE_URL, BANK_URL and MAIL_URL say where. `script/test browser` opens
// one of its own; with `script/server` running, `npx playwright test` takes that.
import { defineConfig, devices } from '@playwright/test';

const browser = {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
};

export default defineConfig({
  testDir: 'tests',
  fullyParallel: true,
  forbidOnly: true,
  workers: 2,
  // On a machine that is busy with other things a wait can be too short; what needs the second try is named.
  retries: process.env.CI ? 1 : 0,
  reporter: 'list',
  timeout: 90_000,
  expect: { timeout: 15_000 },
  use: {
    baseURL: process.env.BASE_URL ?? 'http://127.0.0.1:3000',
    actionTimeout: 20_000,
    navigationTimeout: 30_000,
    viewport: { width: 1280, height: 900 },
    launchOptions: browser,
    screenshot: 'only-on-failure',
    // Colours that are on their way to others have no contrast that could be checked.
    contextOptions: { reducedMotion: 'reduce' },
  },
  projects: [
    { name: 'script', testIgnore: '**/api.spec.ts' },
    {
      name: 'no-script',
      testIgnore: ['**/api.spec.ts', '**/accessibility.spec.ts', '**/layout.spec.ts'],
      grepInvert: /@script/,
      use: { javaScriptEnabled: false },
    },
    { name: 'phone', testMatch: '**/layout.spec.ts', use: { ...devices['Pixel 7'], launchOptions: browser } },
    { name: 'api', testMatch: '**/api.spec.ts' },
  ],
});
