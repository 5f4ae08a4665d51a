-- Prosody 0.12 or newer for the demo and the end-to-end specs: loopback only, no TLS, everything a modern web client asks for.
-- The launcher (prosody.ts) hands in what changes from run to run: ENV_NAME reads the environment variable NAME.

data_path = ENV_RUN_DIRECTORY .. "/data"
pidfile = ENV_RUN_DIRECTORY .. "/prosody.pid"
certificates = ENV_RUN_DIRECTORY -- none there: no TLS
run_as_root = true -- only matters when started as root
log = { { levels = { min = "info" }, to = "console", timestamps = true } }

interfaces = { "127.0.0.1" }
local_interfaces = { "127.0.0.1" }
c2s_ports = { tonumber(ENV_C2S_PORT) }
c2s_direct_tls_ports = {}
s2s_ports = {}
http_interfaces = { "127.0.0.1" }
http_ports = { tonumber(ENV_HTTP_PORT) }
https_ports = {}
http_default_host = "localhost" -- answers http://127.0.0.1:PORT/ too
http_external_url = "http://localhost:" .. ENV_HTTP_PORT .. "/"

modules_disabled = { "s2s", "tls" }
modules_enabled = {
    "disco", "roster", "saslauth", "presence", "message", "iq", "c2s", "posix",
    "pep", "carbons", "mam", "smacks", "blocklist", "bookmarks", "private", "vcard4", "vcard_legacy",
    "ping", "time", "version", "offline", "lastactivity", "http", "bosh", "websocket",
    "turn_external", -- XEP-0215: hands out the address of the TURN server and passwords for it
}

authentication = "internal_plain"
allow_unencrypted_plain_auth = true
c2s_require_encryption = false
consider_websocket_secure = true
consider_bosh_secure = true
http_cors_override = { bosh = { enabled = true }, websocket = { enabled = true } }

-- The same secret as in coturn's static-auth-secret.
turn_external_host = "127.0.0.1"
turn_external_port = tonumber(ENV_TURN_PORT)
turn_external_secret = ENV_TURN_SECRET
turn_external_tcp = true

storage = "internal"
archive_expires_after = "never"
limits = {}

VirtualHost "localhost"

Component "conference.localhost" "muc"
    modules_enabled = { "muc_mam" }
    restrict_room_creation = false
