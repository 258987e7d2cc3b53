import { describe } from 'vitest';
import { NATIVE, TRANSLATED } from './support/cases.ts';
import { testFaults } from './support/suite.ts';
import { TABLES } from './support/table.ts';

describe('stream', () => testFaults(TABLES.stream, [...NATIVE, ...TRANSLATED]));
