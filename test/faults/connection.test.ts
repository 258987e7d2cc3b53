import { describe } from 'vitest';
import { NATIVE, TRANSLATED } from './support/cases.ts';
import { testFaults } from './support/suite.ts';
import { TABLES } from './support/table.ts';

describe('connection', () => testFaults(TABLES.connection, [...NATIVE, ...TRANSLATED]));
