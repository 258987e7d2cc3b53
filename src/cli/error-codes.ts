/** What a code of an error stands for. Codes are stable: scripts and searches use them. */
export interface CodeRow {
  code: string;
  /** The exit code of a command that ends with it; null = only requests end with it. */
  exit: number | null;
  about: string;
}

const row = (code: string, exit: number | null, about: string): CodeRow => ({ code, exit, about });

/** Every code, by what it is about: `unorouter help errors`. */
export const ERROR_CODES: readonly CodeRow[] = [
  row('usage', 2, 'an unknown command or flag, or a value that makes no sense'),
  row('cancelled', 1, 'a question was answered with no; Ctrl-C at one exits with 130'),
  row('node_too_old', 1, 'Node is older than 20.20'),
  row('internal', 70, 'a bug in unorouter; for a request: HTTP 500, and the server goes on'),

  row('port_in_use', 6, 'another program has the port, or unorouter runs already'),
  row('cannot_listen', 1, 'the system does not let it listen at that address'),
  row('unsafe_bind', 2, 'listening beyond this machine without TLS or without a token'),
  row('not_running', 5, 'unorouter is not running, or does not answer'),
  row('still_running', 1, 'stop: live requests take longer than was allowed'),
  row('token_refused', 5, 'the server has another local token'),
  row('token_from_environment', 2, 'the token comes from a variable, and cannot be renewed'),
  row('unexpected_answer', 5, 'something else answers there, or another version'),

  row('no_provider_key', 4, 'no key for the provider that serves a model'),
  row('key_refused', 4, 'the provider does not take the key'),
  row('invalid_key', 2, 'that cannot be a key'),
  row('key_not_stored', 9, 'there is no stored key to remove'),
  row('key_index_broken', 4, 'the list of stored keys is damaged'),
  row('keys_unreadable', 4, 'the list of stored keys cannot be read'),
  row('keychain_locked', 4, 'the keychain is locked'),
  row('no_keychain', 4, 'this machine has no keychain service, or it is switched off'),
  row('no_tty', 2, 'a key was to be asked for, and nobody sits there'),
  row('secret_in_args', 2, 'a key as an argument: treat it as leaked'),

  row('unknown_model', 9, 'nobody knows that model'),
  row('no_such_model', 9, 'no model is called anything like that'),
  row('unknown_provider', 9, 'no provider has that name'),
  row('provider_disabled', null, 'the provider is switched off'),
  row('nothing_there', 9, 'no model server answers there'),
  row('no_previous_default', 9, 'use -: there was no other default'),
  row('not_configured', 9, 'the configuration says nothing of it'),
  row('protocol_not_served', null, 'the provider does not speak what the request needs'),
  row('context_too_long', null, 'the prompt is longer than the model takes'),
  row('capability_missing', null, 'the model cannot use tools or read images, and the request has some'),
  row('would_drop', null, '--strict: something in the request cannot be told to the provider'),
  row('no_such_budget', 9, 'there is no such budget'),
  row('budget_reached', 8, 'the budget is used up'),
  row('proxy_loop', null, "the provider's address is unorouter itself"),

  row('config_invalid', 3, 'a mistake in the configuration, with file, line and column'),
  row('config_changed', 1, 'somebody else changed the file in the meantime'),
  row('no_editor', 2, '$EDITOR is not set, or cannot be started'),
  row('editor_failed', 1, 'the editor ended with an error'),
  row('no_file', 9, 'there is no such file; after config edit: the copy is gone (exit 1)'),
  row('no_such_rule', 9, 'no rule has that name'),
  row('proxy_invalid', 3, 'the proxy is not a URL that can be used'),
  row('ca_unreadable', 3, 'the file of certificates cannot be read'),

  row('all_upstreams_failed', null, 'every provider that could serve it has failed'),
  row('upstream_unreachable', 7, 'no connection to the provider'),
  row('upstream_billing', 7, 'the account at the provider has no credit'),
  row('upstream_timeout', null, 'the provider did not answer in time'),
  row('upstream_malformed', 7, 'the provider answered with something that is no answer'),
  row('upstream_cut', null, 'the answer broke off'),
  row('tls_untrusted', 7, 'the TLS certificate is not trusted'),
  row('test_failed', 7, 'routes test: nobody answered'),

  row('no_request', 9, 'no recorded request has that id or time'),
  row('several_requests', 2, 'more than one request has that id or time'),
  row('unknown_status', 2, '--status: not one that can be searched for'),
  row('bodies_not_recorded', 9, 'what was said in that request is not recorded'),
  row('not_replayable', 1, 'replay: a part of the request was not recorded'),
  row('ledger_newer', 1, 'the ledger was written by a newer version'),
  row('ledger_corrupt', 1, 'the ledger is damaged'),
  row('ledger_locked', 1, 'another program holds the ledger'),
  row('ledger_full', 1, 'the disk is full'),
  row('ledger_unwritable', 1, 'the ledger cannot be opened'),
  row('ledger_failed', 1, 'the ledger cannot be read'),
  row('unsafe_file', 1, 'a file belongs to somebody else, or is a link'),
  row('cannot_read', 1, 'a file cannot be read'),
  row('cannot_write', 1, 'a file cannot be written'),

  row('no_price', 9, 'no price is known for the model'),
  row('refresh_failed', 7, 'no provider gave its list of models'),
  row('no_admin_key', 4, 'reconcile: no key that may read what is billed'),
  row('no_reports', 9, 'reconcile: the provider has no interface that tells what it bills'),
  row('no_export', 2, 'reconcile: the file is no export of costs'),
  row('bill_unreadable', 7, 'reconcile: the provider does not tell what it billed'),

  row('no_service_manager', 1, 'no launchd, systemd or Task Scheduler here'),
  row('not_installed', 9, 'the service is not installed'),
  row('not_installed_for_good', 1, 'a service needs an installed unorouter, not the cache of npx'),
  row('service_failed', 1, 'the service manager refused'),

  row('no_model', 2, 'the agent starts with a model, and there is no default'),
  row('server_not_started', 1, 'run: the private server did not start'),
  row('agent_not_found', 127, 'the agent is not installed'),
  row('agent_unsupported', 1, 'the agent cannot use a local address'),
  row('agent_file_unreadable', 1, 'a settings file of the agent cannot be read'),
  row('setup_overridden', 1, 'another setting of the agent wins'),
  row('undo_conflict', 1, 'the file was changed since, and nothing of ours can be taken out'),
  row('not_connected', 1, 'the agent does not come here'),

  row('invalid_request', null, 'the request makes no sense as it is'),
  row('previous_response_not_found', null, 'the response that it goes on from is not known here'),
  row('invalid_json', null, 'the body is not JSON'),
  row('body_too_large', null, 'the body is too large'),
  row('unsupported_media_type', null, 'the content type is none that is read'),
  row('unsupported_encoding', null, 'the content encoding is none that is read'),
  row('host_refused', null, 'the Host header is a foreign name: server.allow_hosts'),
  row('origin_refused', null, 'a web page asked: server.allow_origins'),
  row('not_found', null, 'there is no such path'),
  row('method_not_allowed', null, 'the path is not for that method'),
  row('websocket_not_served', null, 'no WebSocket here: use HTTP'),
  row('shutting_down', null, 'the server is stopping'),
];
