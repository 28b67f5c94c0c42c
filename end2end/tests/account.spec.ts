import { password } from '../shop/shopper';
import { expect, test } from '../shop/test';

test('a customer signs up, out and in again', async ({ page, shopper }) => {
  await shopper.signUp();
  await expect(page.getByRole('link', { name: 'Ada Reader' })).toBeVisible();
  await shopper.signOut();
  await shopper.signIn(shopper.email.toUpperCase());
  await expect(page.getByRole('link', { name: 'Ada Reader' })).toBeVisible();
});

test('signing up names every field that it cannot use, and keeps the others but no password', async ({ page, shopper }) => {
  await page.goto('/sign-up');
  await shopper.field('Name').fill(' ');
  await shopper.field('E-mail address').fill('nowhere');
  await shopper.field('Password').fill('short');
  await shopper.sendUnchecked(page.getByRole('button', { name: 'Create account' }));
  await shopper.seesRefused({ 'Name': 'is missing', 'E-mail address': 'does not look right', 'Password': 'is too short' });
  await expect(shopper.field('E-mail address')).toHaveValue('nowhere');
  await expect(shopper.field('Password')).toHaveValue('');
  expect(page.url()).not.toContain('nowhere');
});

test('a password that everybody uses is refused', async ({ page, shopper }) => {
  await page.goto('/sign-up');
  await shopper.field('Name').fill('Ada Reader');
  await shopper.field('E-mail address').fill(shopper.email);
  await shopper.field('Password').fill('1234567890');
  await page.getByRole('button', { name: 'Create account' }).click();
  await shopper.seesRefused({ 'Password': 'is one that many people use; choose another' });
  await expect(shopper.field('Name')).toHaveValue('Ada Reader');
});

test('an e-mail address has one account', async ({ page, shopper }) => {
  await shopper.signUp();
  await shopper.signOut();
  await page.goto('/sign-up');
  await shopper.field('Name').fill('Somebody Else');
  await shopper.field('E-mail address').fill(shopper.email);
  await shopper.field('Password').fill(password);
  await page.getByRole('button', { name: 'Create account' }).click();
  await shopper.seesRefused({ 'E-mail address': 'belongs to an account already' });
});

test('a wrong password and an unknown address are told in the same words', async ({ page, shopper }) => {
  await shopper.signUp();
  await shopper.signOut();
  for (const email of [shopper.email, 'nobody@shopper.example']) {
    await shopper.signIn(email, 'not the right one');
    await expect(shopper.problems).toHaveText('E-mail address and password do not match.');
    await expect(shopper.field('E-mail address')).toHaveValue(email);
    await expect(shopper.field('Password')).toHaveValue('');
    await expect(page.getByRole('link', { name: 'Ada Reader' })).toHaveCount(0);
  }
});

test('orders are shown to who has signed in, and signing in leads back to them', async ({ page, shopper }) => {
  await shopper.signUp();
  await shopper.signOut();
  const response = await page.goto('/orders');
  expect(response?.status()).toBe(401);
  await page.getByRole('main').getByRole('link', { name: 'Sign in' }).click();
  await shopper.field('E-mail address').fill(shopper.email);
  await shopper.field('Password').fill(password);
  await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveURL('/orders');
  await expect(page.getByRole('heading', { name: 'No orders yet' })).toBeVisible();
});

test('signing in never leads to another site', async ({ page, shopper, baseURL }) => {
  await shopper.signUp();
  await shopper.signOut();
  await page.goto('/sign-in?next=//elsewhere.example/');
  await shopper.field('E-mail address').fill(shopper.email);
  await shopper.field('Password').fill(password);
  await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('link', { name: 'Ada Reader' })).toBeVisible();
  expect(new URL(page.url()).origin).toBe(new URL(baseURL!).origin);
});

test('the notice of a refused form is its own: it is gone from the page without its address', async ({ page, shopper }) => {
  await shopper.signIn('nobody@shopper.example', 'not the right one');
  await expect(shopper.problems).toBeVisible();
  await page.reload();
  await expect(shopper.problems).toBeVisible();
  await page.goto('/sign-in?notice=0000000000000000');
  await expect(shopper.problems).toHaveCount(0);
});

test('after signing out the back button shows nobody’s orders', async ({ page, shopper }) => {
  await shopper.signUp();
  await page.goto('/orders');
  await shopper.signOut();
  await page.goBack();
  await expect(page.getByRole('heading', { name: 'Please sign in first.' })).toBeVisible();
});
