import { proofPageFor } from '../shop/mail';
import { password } from '../shop/shopper';
import { expect, test } from '../shop/test';

const question = 'Is this your e-mail address?';
const isMine = 'Yes, it is mine';

test('who ordered as a guest signs up, proves the address by the mail, and finds the order', async ({ shopper, another, catalogue }) => {
  await shopper.putIntoBasket(await catalogue.plenty());
  await shopper.order();
  const elsewhere = await another(shopper.email);
  await elsewhere.signUp();
  expect(await elsewhere.countOrders()).toBe(0);
  const main = elsewhere.page.getByRole('main');
  await expect(main).toContainText(`Have you ordered as a guest with ${shopper.email}?`);
  await elsewhere.page.getByRole('button', { name: 'Send me the link' }).click();
  await expect(main).toContainText(`A mail is on its way to ${shopper.email}`);

  const link = await proofPageFor(shopper.email);
  await elsewhere.page.goto(link);
  await expect(elsewhere.page.getByRole('heading', { level: 1, name: question })).toBeVisible();
  await elsewhere.page.getByRole('button', { name: isMine }).click();
  await expect(elsewhere.orders).toHaveCount(1);
  await expect(main.getByRole('status')).toContainText('are here now');
  await expect(elsewhere.page.getByRole('button', { name: 'Send me the link' })).toHaveCount(0);

  const used = await elsewhere.page.goto(link);
  expect(used?.status()).toBe(410);
  await expect(elsewhere.page.getByRole('heading', { name: 'You have proved your address already' })).toBeVisible();
});

test('the link asks who is signed out to sign in, and leads back', async ({ page, shopper }) => {
  await shopper.signUp();
  await shopper.signOut();
  const link = await proofPageFor(shopper.email);
  const response = await page.goto(link);
  expect(response?.status()).toBe(401);
  await page.getByRole('main').getByRole('link', { name: 'Sign in' }).click();
  await shopper.field('E-mail address').fill(shopper.email);
  await shopper.field('Password').fill(password);
  await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveURL(link);
  await page.getByRole('button', { name: isMine }).click();
  await expect(page.getByRole('main').getByRole('status')).toContainText('are here now');
});

test('the link does nothing for another account, which is told why', async ({ shopper, another }) => {
  await shopper.signUp();
  const link = await proofPageFor(shopper.email);
  const stranger = await another();
  await stranger.signUp();
  const response = await stranger.page.goto(link);
  expect(response?.status()).toBe(410);
  await expect(stranger.page.getByRole('heading', { level: 1, name: 'This link does not work' })).toBeVisible();
  await expect(stranger.page.getByRole('button', { name: isMine })).toHaveCount(0);
  await expect(stranger.page.getByRole('button', { name: 'Send me a new link' })).toBeVisible();
});
