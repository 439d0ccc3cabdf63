/**
 * For `node --import`: a machine whose clock is wrong. `CLOCK_OFF_MS` from the start on, and by `CLOCK_JUMP_MS` more at
 * each SIGUSR2. What counts milliseconds (timers, `performance`) is right, as on a real machine.
 */
const off = { ms: Number(process.env['CLOCK_OFF_MS'] ?? 0) };
const jumpMs = Number(process.env['CLOCK_JUMP_MS'] ?? 0);
process.on('SIGUSR2', () => {
  off.ms += jumpMs;
});

const RealDate = Date;
globalThis.Date = new Proxy(RealDate, {
  construct: (_target, args: []) => (args.length === 0 ? new RealDate(RealDate.now() + off.ms) : new RealDate(...args)),
  apply: () => new RealDate(RealDate.now() + off.ms).toString(),
  get: (target, name) => (name === 'now' ? () => RealDate.now() + off.ms : Reflect.get(target, name)),
});
const { instant } = Temporal.Now;
Temporal.Now.instant = () => instant().add({ milliseconds: off.ms });
