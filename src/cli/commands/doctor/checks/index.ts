import type { Check } from '../finding.ts';
import { addresses, port } from './address.ts';
import { agents } from './agents.ts';
import { configuration, ledger, stateDirectory } from './files.ts';
import { keychain, keys } from './keys.ts';
import { certificates, proxies } from './network.ts';
import { pointers } from './pointers.ts';
import { node } from './program.ts';

/** Everything that `doctor` looks at, in the order in which it tells. */
export const CHECKS: readonly Check[] = [
  { id: 'node', look: node },
  { id: 'config', look: configuration },
  { id: 'state', look: stateDirectory },
  { id: 'keychain', look: keychain },
  { id: 'ledger', look: ledger },
  { id: 'port', look: port },
  { id: 'addresses', look: addresses },
  { id: 'proxies', look: proxies },
  { id: 'certificates', look: certificates },
  { id: 'keys', look: keys },
  { id: 'agents', look: agents },
  { id: 'pointers', look: pointers },
];
