/**
 * Every duration by which the machinery turns, in milliseconds, in one place. What people set (`SEND_TIMEOUT_MS`,
 * `DRAIN_TIMEOUT_MS`), what others ask for (a provider's Retry-After, quiet hours) and what guards one call to a
 * neighbour (connecting, a health check) is not among them.
 */
export type Timings = ReturnType<typeof timings>;

/**
 * @param scale 1 in earnest; a trial shrinks all durations by it, down to 0.01. Each has a least: below it a busy machine
 * would take what is only slow for dead.
 */
export function timings(scale = 1) {
  const scaled = (ms: number, least = 1): number => Math.max(least, Math.round(ms * scale));
  return {
    // A delivery's way out.
    /** From the hard end of a hand-over to the end of its lease: the time to settle it. */
    leaseGraceMs: scaled(15_000, 1_000),
    /** A settling that fails (PostgreSQL is away) is tried again after 100 ms, doubled up to this. */
    settleRetryMs: scaled(5_000, 250),
    /** The first pause of a delivery that was put off, doubled each time … */
    retryFirstMs: scaled(5_000, 20),
    /** … up to this. */
    retryLongestMs: scaled(3_600_000),
    /** A provider that could not be reached: once to twice this. */
    unavailableMs: scaled(5_000, 20),
    /** What a message rests on changes faster than it can be composed: the others go first. */
    changingMs: scaled(1_000, 20),
    /** A breaker's first opening, doubled each time … */
    breakerFirstMs: scaled(5_000, 50),
    /** … up to this. */
    breakerLongestMs: scaled(300_000, 500),
    /** Another delivery probes a provider that is half open: the next one looks again after this. */
    breakerProbeMs: scaled(1_000, 20),
    /** The first gap between hand-overs to a domain that asked for it, doubled each time … */
    domainFirstMs: scaled(1_000, 10),
    /** … up to this. */
    domainLongestMs: scaled(300_000, 100),

    // The queue.
    /** The dispatcher's own clock, should the bell not ring. */
    dispatchEveryMs: scaled(1_000, 50),
    /** How long the dispatcher believes a count of workers. */
    workersKnownMs: scaled(5_000, 250),
    /** BullMQ's lock on a job; its worker renews it at half of it. Longer than any pause of a living process. */
    jobLockMs: scaled(10_000, 2_000),
    /** How often BullMQ looks for jobs whose lock ran out. With the lock: how long a killed worker's job waits. */
    stalledEveryMs: scaled(5_000, 1_000),
    /** How soon a worker asks again after its queue failed. */
    queueRetryMs: scaled(1_000, 100),

    // The reconciler.
    reconcileEveryMs: scaled(2_000, 100),
    /** How long a delivery may stand queued before its job is looked for: longer than a dispatcher takes to add it. */
    reconcileGraceMs: scaled(10_000, 1_000),
    /**
     * How long a job may be seen active or delayed while nobody claims its delivery. BullMQ reckons locks and delays by
     * the clock of the worker's machine: one that was ahead, and is gone, leaves them in the future.
     */
    strandedAfterMs: scaled(120_000, 10_000),
    /** From `unknown` to the resend or the repeat: what a worker still knows (see settleRetryMs) comes first. */
    resendGraceMs: scaled(10_000, 1_000),
    /** How often house is kept: old keys, next months. */
    houseEveryMs: scaled(3_600_000, 60_000),

    // Whether this process still turns.
    /** How often a worker counts the jobs that wait for it. */
    lookEveryMs: scaled(5_000, 250),
    /** How long after PostgreSQL last had no room to write health still says so: longer than any pause before a new try. */
    roomDoubtMs: scaled(15_000, 2_000),
    /** How often PostgreSQL is asked for a sign of life. */
    pulseEveryMs: scaled(10_000, 500),
    /** So long nothing may move although there is work and PostgreSQL answers. */
    stuckAfterMs: scaled(60_000, 10_000),
  };
}
