#!/usr/bin/env node
import { runHere } from './starter.mjs';

runHere('src/main.ts', process.argv.slice(2));
