// What a page of a browser does for presence, without the browser: SIP.js or JsSIP on a WebSocket. It registers,
// watches others, and (SIP.js alone, JsSIP has no PUBLISH) publishes. One line of output for each thing that happens,
// one of input for each thing to do: "publish open|closed NOTE", "quit".
//
// node page.mjs sipjs|jssip URL USER PASSWORD DOMAIN [WATCHED@DOMAIN ...]
import readline from 'node:readline';
import WebSocket from 'ws';

const [library, url, user, password, domain, ...watched] = process.argv.slice(2);
// The server goes by its domain's name, wherever it is.
globalThis.WebSocket = class extends WebSocket {
  constructor(where, protocols) {
    super(where, protocols, { servername: domain });
  }
};
const say = (...words) => console.log(words.join(' '));
const aor = `sip:${user}@${domain}`;

const document = (basic, note) =>
  `<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="${aor}"><tuple id="page"><status><basic>${basic}</basic>` +
  `</status></tuple><note>${note}</note></presence>`;

// A line for each document: whether anything is open, and the notes.
function show(who, state, body) {
  const is_open = /<(?:\w+:)?basic>\s*open/.test(body ?? '');
  const notes = [...(body ?? '').matchAll(/<(?:\w+:)?note[^>]*>([^<]*)</g)].map((match) => match[1]);
  say('sees', who, is_open ? 'open' : 'closed', state, ...notes);
}

async function start_sipjs() {
  const sip = await import('sip.js');
  const agent = new sip.UserAgent({
    uri: sip.UserAgent.makeURI(aor),
    transportOptions: { server: url, traceSip: false, keepAliveInterval: 1 },
    authorizationUsername: user,
    authorizationPassword: password,
    logBuiltinEnabled: false,
  });
  agent.delegate = { onDisconnect: (error) => say('disconnected', error?.message ?? '') };
  await agent.start();
  say('connected');
  const registerer = new sip.Registerer(agent, { expires: 600 });
  registerer.stateChange.addListener((state) => say(state.toLowerCase()));
  await registerer.register();
  for (const other of watched) {
    const subscription = new sip.Subscriber(agent, sip.UserAgent.makeURI(`sip:${other}`), 'presence',
                                            { extraHeaders: ['Accept: application/pidf+xml'] });
    subscription.delegate = {
      onNotify: (notification) => {
        show(other, notification.request.getHeader('Subscription-State').split(';')[0], notification.request.body);
        notification.accept();
      },
    };
    subscription.stateChange.addListener((state) => say('subscription', other, state));
    await subscription.subscribe();
  }
  let publisher = null;
  return {
    async publish(basic, note) {
      publisher ??= new sip.Publisher(agent, sip.UserAgent.makeURI(aor), 'presence',
                                      { contentType: 'application/pidf+xml', unpublishOnClose: false });
      await publisher.publish(document(basic, note));
    },
    async quit() {
      await publisher?.unpublish();
      await registerer.unregister();
      await agent.transport.disconnect();
    },
  };
}

async function start_jssip() {
  const { default: sip } = await import('jssip');
  const agent = new sip.UA({
    sockets: [new sip.WebSocketInterface(url)], uri: aor, password, register_expires: 600,
  });
  agent.on('connected', () => say('connected'));
  agent.on('disconnected', () => say('disconnected'));
  agent.on('registered', () => {
    say('registered');
    for (const other of watched.splice(0)) {
      const subscription = agent.subscribe(`sip:${other}`, 'presence', 'application/pidf+xml',
                                           { expires: 600, contentType: 'application/pidf+xml' });
      subscription.on('notify', (is_final, request, body) => {
        show(other, request.getHeader('Subscription-State').split(';')[0], body);
      });
      subscription.on('terminated', (code, reason) => say('subscription', other, 'terminated', code, reason));
      subscription.subscribe();
    }
  });
  agent.on('unregistered', () => say('unregistered'));
  agent.on('registrationFailed', (event) => say('refused', event.cause));
  agent.start();
  return {
    async quit() {
      await new Promise((done) => { agent.once('disconnected', done); agent.stop(); });
    },
  };
}

const page = await (library === 'sipjs' ? start_sipjs() : start_jssip());
for await (const line of readline.createInterface({ input: process.stdin })) {
  const [verb, basic, ...note] = line.split(' ');
  if (verb === 'publish') await page.publish(basic, note.join(' '));
  if (verb === 'quit') {
    await page.quit();
    break;
  }
}
process.exit(0);
