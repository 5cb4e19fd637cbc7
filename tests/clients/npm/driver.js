// Drives the public Nacos client for a test: one JSON command a line in, one JSON answer or event a
// line out. driver.js SERVERS, where SERVERS is host:port,host:port
//
//   {"id":1,"do":"register","service":"s","instance":{"ip":…,"port":…,"ephemeral":false}}
//   {"id":1,"value":…} or {"id":1,"error":"…"}; {"event":"hosts","service":"s","hosts":[…]}
'use strict';

const os = require('os');
const readline = require('readline');

// The client tells servers the address of this host's network interface for their datagrams; here
// everything stays on loopback.
os.networkInterfaces = () => ({
  eth0: [{ address: '127.0.0.1', netmask: '255.0.0.0', family: 'IPv4', internal: false }],
});

const { NacosNamingClient, NacosConfigClient } = require('nacos');

const servers = process.argv[2];
const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const say = (what) => process.stdout.write(JSON.stringify(what) + '\n');

const naming = new NacosNamingClient({ logger: quiet, serverList: servers, namespace: 'public' });
const config = new NacosConfigClient({
  serverAddr: servers,
  requestTimeout: 6000,
  cacheDir: process.argv[3],
});
for (const client of [naming, config]) {
  client.on('error', (failure) => say({ event: 'error', error: String(failure) }));
}

const commands = {
  ready: () => naming.ready(),
  status: () => naming.getServerStatus(),
  register: (c) => naming.registerInstance(c.service, c.instance),
  deregister: (c) => naming.deregisterInstance(c.service, c.instance),
  list: (c) => naming.getAllInstances(c.service, undefined, '', false),
  subscribe: (c) =>
    naming.subscribe(c.service, (hosts) => say({ event: 'hosts', service: c.service, hosts })),
  publish: (c) => config.publishSingle(c.dataId, c.group, c.content),
  get: (c) => config.getConfig(c.dataId, c.group),
  remove: (c) => config.remove(c.dataId, c.group),
  watch: (c) =>
    config.subscribe({ dataId: c.dataId, group: c.group }, (content) =>
      say({ event: 'config', dataId: c.dataId, content })),
};

async function perform(command) {
  try {
    const value = await commands[command.do](command);
    // Subscriptions answer with the client itself.
    const plain = value === naming || value === config ? undefined : value;
    say({ id: command.id, value: plain === undefined ? null : plain });
  } catch (failure) {
    say({ id: command.id, error: String(failure) });
  }
}

readline
  .createInterface({ input: process.stdin })
  .on('line', (line) => perform(JSON.parse(line)))
  .on('close', () => process.exit(0));
