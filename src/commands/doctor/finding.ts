/** `wrong` makes the doctor fail; `warning` works, less well; `skipped` could not be looked at. */
type FindingState = 'ok' | 'warning' | 'wrong' | 'skipped';

/** What one check found. `mend`: what to do about it, for what is not right. */
export type Finding = { readonly state: FindingState; readonly detail: string; readonly mend: string | null };

export function ok(detail: string): Finding {
  return { state: 'ok', detail, mend: null };
}

export function warning(detail: string, mend: string): Finding {
  return { state: 'warning', detail, mend };
}

export function wrong(detail: string, mend: string): Finding {
  return { state: 'wrong', detail, mend };
}

export function skipped(detail: string): Finding {
  return { state: 'skipped', detail, mend: null };
}

export type Check = { readonly name: string; run(): Promise<Finding> };
