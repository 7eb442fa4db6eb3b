// A carrier that uses node's smpp: `node carrier.js`. Its first line is its port, then a line of JSON for each segment.
'use strict';

const smpp = require('smpp');

let last = 0;

function receipt(pdu, id) {
  const date = '2611240900';
  return {
    source_addr: pdu.destination_addr,
    destination_addr: pdu.source_addr,
    esm_class: 4,
    short_message: `id:${id} sub:001 dlvrd:001 submit date:${date} done date:${date} stat:DELIVRD err:000 text:`,
    receipted_message_id: String(id),
    message_state: 2,
  };
}

const server = smpp.createServer((session) => {
  session.on('error', () => {});
  for (const mode of ['bind_transmitter', 'bind_receiver', 'bind_transceiver']) {
    session.on(mode, (pdu) => {
      const known = pdu.system_id === 'gateway' && pdu.password === 'secret';
      session.send(pdu.response({ command_status: known ? 0 : smpp.ESME_RINVPASWD, system_id: 'node' }));
    });
  }
  session.on('enquire_link', (pdu) => session.send(pdu.response()));
  session.on('unbind', (pdu) => {
    session.send(pdu.response());
    session.close();
    console.log(JSON.stringify({ unbound: true }));
  });
  session.on('submit_sm', (pdu) => {
    last += 1;
    const { udh, message } = pdu.short_message;
    const parts = udh ? udh.map((one) => one.toString('hex')) : [];
    console.log(JSON.stringify({ to: pdu.destination_addr, text: message, udh: parts, coding: pdu.data_coding }));
    session.send(pdu.response({ message_id: String(last) }));
    session.deliver_sm(receipt(pdu, last));
  });
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
