import { readFileSync } from 'node:fs';
import { parseEmailAddress } from '../domain/email-address.ts';
import { operatorRoles } from '../domain/scopes.ts';
import { createOperator, createSignInLink } from '../store/operators.ts';
import { CommandFailed, oneOf, WrongUse } from './command.ts';
import { lineOf } from './failure.ts';
import { onFoundation } from './on-foundation.ts';

const linkMinutes = 60;
const leastPassword = 10;

type NewOperator = { email: string; role: string; passwordFile: string | undefined };

/** `sollecito operators create`. A password comes from a file or stdin, never from the arguments: others could read it there. */
export async function createOperatorByHand(operator: NewOperator): Promise<number> {
  const email = parseEmailAddress(operator.email);
  if (email === undefined) throw new WrongUse(`EMAIL is ${JSON.stringify(operator.email)}: it takes one address`);
  const role = oneOf(operator.role, operatorRoles, '--role');
  const password = operator.passwordFile === undefined ? undefined : readPassword(operator.passwordFile);
  return onFoundation(async ({ service, clock }, config) => {
    const id = await createOperator(service, clock, { email, role, ...(password === undefined ? {} : { password }) });
    const page = `${config.publicUrl ?? `http://localhost:${config.port}`}/admin`;
    if (password !== undefined) {
      process.stdout.write(`${email} signs in at ${page} with that password\n`);
      return 0;
    }
    const token = await createSignInLink(service, clock, id, linkMinutes);
    process.stderr.write(`${email} signs in once, within ${linkMinutes} minutes, at\n`);
    process.stdout.write(`${page}/sign-in?token=${token}\n`);
    return 0;
  });
}

function readPassword(file: string): string {
  const password = read(file).replace(/\r?\n$/, '');
  if (password.length < leastPassword) throw new CommandFailed(`a password has at least ${leastPassword} characters`);
  return password;
}

function read(file: string): string {
  try {
    return readFileSync(file === '-' ? process.stdin.fd : file, 'utf8');
  } catch (error) {
    throw new CommandFailed(`the password cannot be read: ${lineOf(error)}`);
  }
}
