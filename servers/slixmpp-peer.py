#!/usr/bin/python3
"""
An XMPP client (slixmpp) that does what it is told and says what it gets; slixmpp.ts is its other half.

JSON lines on stdin: first {"jid", "password", "host", "port", "features"}, then
  {"send": XML}        sends these bytes as they are
  {"presence": XML}    sends a presence, which slixmpp completes with entity capabilities (XEP-0115)
  {"hear": NAMESPACE}  requests with this payload are not answered by slixmpp but left to whoever reads our lines
and on stdout:
  {"online": JID}      the session is there, nothing was sent yet
  {"stanza": {"xml", "element", "reach"}}
                       what came in: as text, as a tree, and the addresses that slixmpp's own XEP-0152 reads in it
  {"ended": REASON}    the stream is over; the process ends
The end of stdin ends the session in good order.
"""
import asyncio
import json
import logging
import sys

import slixmpp
from slixmpp.plugins.xep_0060.stanza import EventItem
from slixmpp.plugins.xep_0152.stanza import Reachability
from slixmpp.xmlstream import ET, register_stanza_plugin
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher.base import MatcherBase

register_stanza_plugin(slixmpp.Presence, Reachability)
register_stanza_plugin(slixmpp.Message, Reachability)


def say(**line):
    sys.stdout.write(json.dumps(line) + '\n')
    sys.stdout.flush()


def tree(xml):
    """An element as plain data; `text` is its own text without its children's."""
    ns, _, name = xml.tag.rpartition('}')
    return {
        'name': name,
        'ns': ns.lstrip('{'),
        'attributes': {key.rpartition('}')[2]: value for key, value in xml.attrib.items()},
        'text': (xml.text or '') + ''.join(child.tail or '' for child in xml),
        'children': [tree(child) for child in xml],
    }


def addresses(reach):
    return [address['uri'] for address in reach['addresses']]


def reachability(stanza):
    """What slixmpp makes of XEP-0152 addresses: in a presence, a message, an event of PEP or the answer with its items."""
    if stanza.name in ('presence', 'message') and stanza.xml.find('{%s}reach' % Reachability.namespace) is not None:
        return addresses(stanza['reach'])
    found = []
    for item in stanza.xml.iter():
        if item.tag.endswith('}item'):
            for payload in item.iterfind('{%s}reach' % Reachability.namespace):
                found += addresses(Reachability(payload))
    return found


class MatchPayload(MatcherBase):
    """Requests with a payload of this namespace."""

    def match(self, stanza):
        return stanza.name == 'iq' and any(child.tag.startswith('{%s}' % self._criteria) for child in stanza.xml)


class Peer(slixmpp.ClientXMPP):
    def __init__(self, jid, password, features):
        super().__init__(jid, password)
        for plugin in ('xep_0030', 'xep_0060', 'xep_0115', 'xep_0163', 'xep_0152', 'xep_0280', 'xep_0199'):
            self.register_plugin(plugin)
        mechanisms = self['feature_mechanisms']
        mechanisms.unencrypted_plain = mechanisms.unencrypted_scram = True
        # Who tells us what to do decides about subscriptions too.
        self.auto_authorize = None
        self.auto_subscribe = False
        self.features_to_add = features
        self.add_event_handler('session_start', self.start)
        self.add_event_handler('failed_auth', lambda _: self.end('not authorized'))
        self.add_event_handler('connection_failed', lambda reason: self.end('no connection: %s' % reason))
        self.add_event_handler('disconnected', lambda reason: self.end(str(reason or 'disconnected')))
        self.add_filter('in', self.note)
        self.over = asyncio.get_running_loop().create_future()

    async def start(self, _):
        for feature in self.features_to_add:
            self['xep_0030'].add_feature(feature)
        await self['xep_0115'].update_caps(broadcast=False)
        say(online=self.boundjid.full)

    def note(self, stanza):
        if stanza.name in ('message', 'presence', 'iq'):
            say(stanza={'xml': str(stanza), 'element': tree(stanza.xml), 'reach': reachability(stanza)})
        return stanza

    def hear(self, namespace):
        self.register_handler(Callback('heard %s' % namespace, MatchPayload(namespace), lambda stanza: None))

    def end(self, reason):
        if not self.over.done():
            say(ended=reason)
            self.over.set_result(None)


async def main():
    reader = asyncio.StreamReader(limit=2**24)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    options = json.loads(await reader.readline())
    peer = Peer(options['jid'], options['password'], options['features'])
    peer.connect((options['host'], options['port']), force_starttls=False, disable_starttls=True)

    async def obey():
        while line := await reader.readline():
            command = json.loads(line)
            if 'send' in command:
                peer.send_raw(command['send'])
            elif 'presence' in command:
                presence = ET.fromstring("<stream xmlns='jabber:client'>%s</stream>" % command['presence'])[0]
                peer.send(slixmpp.Presence(stream=peer, xml=presence))
            elif 'hear' in command:
                peer.hear(command['hear'])

    obeying = asyncio.ensure_future(obey())
    await asyncio.wait([obeying, peer.over], return_when=asyncio.FIRST_COMPLETED)
    if obeying.done():
        obeying.result()
    await peer.disconnect(wait=1)


logging.basicConfig(level=logging.INFO, stream=sys.stderr)
asyncio.run(main())
