// A customer that uses node's smpp: `node customer.js PORT`. Tells what it saw as one line of JSON.
'use strict';

const smpp = require('smpp');

const port = Number(process.argv[2]);
const credentials = { system_id: 'shop', password: 'secret', interface_version: 0x34 };
const addresses = { source_addr: '0312345678', dest_addr_ton: 1, dest_addr_npi: 1, registered_delivery: 1 };
const long = 'あ'.repeat(200);

function connect() {
  return new Promise((resolve, reject) => {
    const session = smpp.connect({ url: `smpp://127.0.0.1:${port}` }, () => resolve(session));
    session.on('error', reject);
    session.on('enquire_link', (pdu) => session.send(pdu.response()));
  });
}

function ask(session, command, fields) {
  return new Promise((resolve) => session[command](fields, resolve));
}

async function binds() {
  const seen = {};
  for (const mode of ['bind_transmitter', 'bind_receiver', 'bind_transceiver']) {
    const session = await connect();
    const bound = await ask(session, mode, credentials);
    const alive = await ask(session, 'enquire_link', {});
    const unbound = await ask(session, 'unbind', {});
    seen[mode] = [bound.command_status, bound.system_id, bound.sc_interface_version, alive.command, unbound.command];
    session.close();
  }
  return seen;
}

async function refused() {
  const session = await connect();
  const answer = await ask(session, 'bind_transceiver', { ...credentials, password: 'wrong' });
  session.close();
  return answer.command_status;
}

function udh(number, text) {
  const message = Buffer.from(text, 'utf16le').swap16();
  return { short_message: { udh: Buffer.from([5, 0, 3, 77, 2, number]), message }, data_coding: 8 };
}

async function messages() {
  const session = await connect();
  const receipts = {};
  let more = () => {};
  session.on('deliver_sm', (pdu) => {
    receipts[pdu.receipted_message_id] = [pdu.message_state, pdu.short_message.message.toString(), pdu.esm_class];
    session.send(pdu.response());
    more();
  });
  await ask(session, 'bind_transceiver', credentials);
  const texts = [
    { destination_addr: '819030000001', short_message: '保険料のお支払い' },
    { destination_addr: '819030000002', message_payload: long, data_coding: 8, short_message: '' },
    { destination_addr: '819030000003', ...udh(1, '前半、') },
    { destination_addr: '819030000003', ...udh(2, '後半。') },
  ];
  const answers = await Promise.all(texts.map((fields) => ask(session, 'submit_sm', { ...addresses, ...fields })));
  const ids = answers.map((answer) => answer.message_id);
  await new Promise((resolve) => {
    more = () => ids.every((id) => id in receipts) && resolve();
    more();
  });
  const wrong = await ask(session, 'submit_sm', { ...addresses, destination_addr: '12', short_message: 'x' });
  await ask(session, 'unbind', {});
  session.close();
  return { statuses: answers.map((answer) => answer.command_status), ids, receipts, wrong: wrong.command_status };
}

(async () => {
  const told = { binds: await binds(), ...(await messages()), refused: await refused() };
  console.log(JSON.stringify(told));
  process.exit(0);
})();
