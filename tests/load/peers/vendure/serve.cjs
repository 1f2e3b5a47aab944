// Vendure with one product, for the bench of the drop: its own schema in a database beside ours.
// Takes {"host", "database", "port", "stock"} as JSON; prints {"port", "variant", "method"} when it
// answers.
const { bootstrap, DefaultLogger, dummyPaymentHandler, LogLevel } = require('@vendure/core');

const told = JSON.parse(process.argv[2]);
const admin = { identifier: 'bench', password: require('node:crypto').randomUUID() };
const config = {
  apiOptions: { port: told.port, adminApiPath: 'admin-api', shopApiPath: 'shop-api' },
  authOptions: { tokenMethod: ['bearer'], superadminCredentials: admin, requireVerification: false },
  dbConnectionOptions: {
    type: 'postgres', host: told.host, username: 'postgres', database: told.database, synchronize: true, logging: false,
    extra: { max: 20 },
  },
  paymentOptions: { paymentMethodHandlers: [dummyPaymentHandler] },
  logger: new DefaultLogger({ level: LogLevel.Error }),
};

let token = '';
async function ask(query, variables = {}) {
  const answer = await fetch(`http://127.0.0.1:${told.port}/admin-api`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: JSON.stringify({ query, variables }),
  });
  token = answer.headers.get('vendure-auth-token') ?? token;
  const found = await answer.json();
  if (found.errors) throw new Error(JSON.stringify(found.errors));
  return found.data;
}

const named = (name) => [{ languageCode: 'en', name, slug: name, description: '' }];
const plain = (name) => [{ languageCode: 'en', name, description: '' }];

async function fill() {
  await ask('mutation($u:String!,$p:String!){login(username:$u,password:$p){__typename}}', { u: admin.identifier, p: admin.password });
  const { createCountry: country } = await ask('mutation($i:CreateCountryInput!){createCountry(input:$i){id}}', {
    i: { code: 'DE', enabled: true, translations: [{ languageCode: 'en', name: 'Germany' }] },
  });
  const { createZone: zone } = await ask('mutation($i:CreateZoneInput!){createZone(input:$i){id}}', { i: { name: 'World', memberIds: [country.id] } });
  const { activeChannel: channel } = await ask('{activeChannel{id}}');
  await ask('mutation($i:UpdateChannelInput!){updateChannel(input:$i){__typename}}', {
    i: { id: channel.id, defaultTaxZoneId: zone.id, defaultShippingZoneId: zone.id },
  });
  const { createTaxCategory: tax } = await ask('mutation($i:CreateTaxCategoryInput!){createTaxCategory(input:$i){id}}', { i: { name: 'Standard', isDefault: true } });
  await ask('mutation($i:CreateTaxRateInput!){createTaxRate(input:$i){id}}', { i: { name: 'VAT', enabled: true, value: 19, categoryId: tax.id, zoneId: zone.id } });
  const { createShippingMethod: method } = await ask('mutation($i:CreateShippingMethodInput!){createShippingMethod(input:$i){id}}', {
    i: {
      code: 'post', fulfillmentHandler: 'manual-fulfillment', translations: plain('Post'),
      checker: { code: 'default-shipping-eligibility-checker', arguments: [{ name: 'orderMinimum', value: '0' }] },
      calculator: {
        code: 'default-shipping-calculator',
        arguments: [{ name: 'rate', value: '500' }, { name: 'includesTax', value: 'auto' }, { name: 'taxRate', value: '19' }],
      },
    },
  });
  await ask('mutation($i:CreatePaymentMethodInput!){createPaymentMethod(input:$i){id}}', {
    i: { code: 'dummy', enabled: true, translations: plain('Dummy'), handler: { code: 'dummy-payment-handler', arguments: [{ name: 'automaticSettle', value: 'false' }] } },
  });
  const { createProduct: product } = await ask('mutation($i:CreateProductInput!){createProduct(input:$i){id}}', { i: { enabled: true, translations: named('duvet') } });
  const { createProductVariants: [variant] } = await ask('mutation($i:[CreateProductVariantInput!]!){createProductVariants(input:$i){id}}', {
    i: [{ productId: product.id, sku: 'JM-S0', price: 19900, stockOnHand: told.stock, trackInventory: 'TRUE', translations: [{ languageCode: 'en', name: 'duvet' }] }],
  });
  return { variant: variant.id, method: method.id };
}

bootstrap(config)
  .then(fill)
  .then((made) => process.stdout.write(`${JSON.stringify({ port: told.port, ...made })}\n`))
  .catch((error) => {
    process.stderr.write(`${error.stack ?? error}\n`);
    process.exit(1);
  });
process.stdin.on('end', () => process.exit(0)).resume();
