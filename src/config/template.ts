/**
 * Settings stand behind `#` without a blank, prose behind `# `. A setting that is new in the schema is new here: a test
 * compares both, and checks the text with every `#` of a setting taken away.
 */
export const TEMPLATE = `# yaml-language-server: $schema=./config.schema.json
# Settings of unorouter; all of them are optional. Remove the # in front of one to set it.
# Values that are shown are examples or what holds anyway. Keys never stand here: unorouter keys add

# Models: "default" and "auto" mean the first, an agent's background work the second.
#default: claude-sonnet-4-5
#small: openrouter/glm-4.6

# A name that nobody knows: error, or default (the default model answers).
#unknown_model: error

# Which seller of a model goes first.
#prefer: [anthropic, openrouter]

# Own names: a model, or models that are tried in order; or one of them by shares (weighted), by
# price (cheapest) or by measured time to first token (fastest), the others behind it.
#aliases:
#  fast: groq/llama-4-maverick
#  smart: [anthropic/claude-opus-4-5, openrouter/anthropic/claude-opus-4.5]
#  split: { weighted: { openai/gpt-5: 70, openrouter/openai/gpt-5: 30 } }
#  bulk: { cheapest: [deepseek/deepseek-chat, openrouter/deepseek/deepseek-chat] }

# Rules for requests; the first match wins. Conditions: project, agent, model, role (main or small),
# input, image, tools, protocol, header, time, day. PROVIDER/* is the same model at that provider.
#routes:
#  - name: private
#    when: { project: payroll }
#    to: ollama/*
#  - name: long
#    when: { input: "> 180k", role: main }
#    to: [google/gemini-2.5-pro, openrouter/google/gemini-2.5-pro]

# The same model at another provider, when the first one fails before its first token.
#fallbacks:
#  anthropic: [openrouter]

# Attempts at the first target, and until when one may start.
#retry: { attempts: 3, deadline: 60s }

# How long to wait for an upstream; also below one provider.
#timeouts: { connect: 5s, headers: 600s, first_content: 600s, idle: 180s, total: 60m }

# Further providers, and changes to built-in ones. "keys" are names of environment variables.
#providers:
#  acme:
#    url: https://llm.acme.example/v1
#    protocol: openai-chat
#    auth: bearer
#    headers: { x-team: core }
#    keys: [ACME_API_KEY]
#    timeouts: { idle: 300s }
#    quirks: [no-stream-options]
#    enabled: true

# Own prices in US dollars per million tokens; also cache_write_1h, input_audio, output_audio,
# input_image, output_image. per_request and per_search are US dollars for each one; per_request
# alone is the whole price.
#prices:
#  acme/llama-4-mav: { input: 0.2, output: 0.6, cached: 0.02, cache_write: 0.25 }
#  acme/sonar: { input: 1, output: 3, per_request: 0.005, per_search: 0.01 }

# Where unorouter listens, and who may ask.
#server:
#  host: 127.0.0.1
#  port: 8667
#  allow_hosts: [llm.example.com]
#  allow_origins: [https://chat.example.com]
#  drain: 30s
#  on_client_abort: abort

# The way to upstreams: a proxy (or none), and certificates to trust.
#network:
#  proxy: http://proxy.example.com:3128
#  ca: /etc/ssl/acme.pem

# How much may be spent, in US dollars by day, week or month; for everything, and for one project,
# agent, provider or model. At the limit: block, warn, or downgrade to a cheaper model.
#budget: { day: 10, warn: 80%, action: block }
#budgets:
#  - { project: web, day: 3, action: downgrade, to: small }

# How long past requests are kept (0 = for ever), and how large their file may become.
# bodies: what was said is kept, too, as plain text on this disk (off, errors, on).
#log: { keep: 90d, max: 512MB, bodies: off }

# Whether lists of models (every six hours) and prices (once a day) are brought up to date.
#catalog: { refresh: true }

# Refuse a request rather than leave out what a provider's protocol cannot say.
#strict: false

# Read and checked, but not applied by this version; server.tls, too.
#agents: { claude: {} }
`;
