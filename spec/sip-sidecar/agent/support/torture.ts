/**
 * The torture messages of RFC 4475 and, for IPv6, RFC 5118, byte for byte, each with its section, its name there, and what a
 * telephone of `sip:user@example.com` says to it over a WebSocket. Only the signature within 3.1.1.11 is other bytes than the
 * RFC's, as many and as little UTF-8.
 */

/** What becomes of a message: a status that answers it, a call that rings, or nothing at all. */
export type Fate = number | 'rings' | 'dropped';

/** One message. */
export interface Torture {
    readonly section: string;
    readonly name: string;
    readonly about: string;
    readonly fate: Fate;
    /** A character a byte. */
    readonly bytes: string;
}

/** Lines as they go over the wire; what is written in here is UTF-8 there. */
const message = (head: string, body = ''): string =>
    String.fromCharCode(...new TextEncoder().encode(`${head.trim()}\n\n`.replaceAll('\n', '\r\n') + body));

const offer = (host: string, time = '0'): string =>
    [
        'v=0',
        `o=mhandley 29739 7272939 IN IP4 ${host}`,
        's=-',
        `c=IN IP4 ${host}`,
        `t=${time} 0`,
        'm=audio 49217 RTP/AVP 0 12',
        'm=video 3227 RTP/AVP 31',
        'a=rtpmap:31 LPC',
        '',
    ].join('\r\n');

const body = (...lines: string[]): string => [...lines, ''].join('\r\n');

const torture = (section: string, name: string, about: string, fate: Fate, bytes: string): Torture => ({
    section,
    name,
    about,
    fate,
    bytes,
});

const binary = Array.from({ length: 342 }, (_, i) => String.fromCharCode(i < 18 ? 0x80 + i : (i * 37) % 256)).join('');

/** RFC 4475. */
export const RFC_4475: readonly Torture[] = [
    torture(
        '3.1.1.1',
        'wsinv',
        'A short tortuous INVITE',
        404,
        message(
            String.raw`INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0
TO :
 sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n
from   : "J Rosenberg \\\""       <sip:jdrosen@example.com>
  ;
  tag = 98asjd8
MaX-fOrWaRdS: 0068
Call-ID: wsinv.ndaksdj@192.0.2.1
Content-Length   : 150
cseq: 0009
  INVITE
Via  : SIP  /   2.0
 /UDP
    192.0.2.2;branch=390skdjuw
s :
NewFangledHeader:   newfangled value
 continued newfangled value
UnknownHeaderWithUnusualValue: ;;,,;;,;
Content-Type: application/sdp
Route:
 <sip:services.example.com;lr;unknownwith=value;unknown-no-value>
v:  SIP  / 2.0  / TCP     spindle.example.com   ;
  branch  =   z9hG4bK9ikj8  ,
 SIP  /    2.0   / UDP  192.168.255.111   ; branch=
 z9hG4bK30239
m:"Quoted string \"\"" <sip:jdrosen@example.com> ; newparam =
      newvalue ;
  secondparam ; q = 0.33`,
            offer('192.0.2.3').replace('c=IN IP4 192.0.2.3', 'c=IN IP4 192.0.2.4'),
        ),
    ),
    torture(
        '3.1.1.2',
        'intmeth',
        'Wide range of valid characters',
        404,
        message(
            String.raw`!interesting-Method0123456789_*+${'`'}.%indeed'~ sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com SIP/2.0
Via: SIP/2.0/TCP host1.example.com;branch=z9hG4bK-.!%66*_+${'`'}'~
To: "BEL:${'\\\x07'} NUL:${'\\\0'} DEL:${'\\\x7f'}" <sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*@example.com>
From: token1~${'`'} token2'+_ token3*%!.- <sip:mundane@example.com>;fromParam''~+*_!.-%="работающий";tag=_token~1'+${'`'}*%!-.
Call-ID: intmeth.word%ZK-!.*_+'@word${'`'}~)(><:\/"][?}{
CSeq: 139122385 !interesting-Method0123456789_*+${'`'}.%indeed'~
Max-Forwards: 255
extensionHeader-!.%*+_${'`'}'~:${'\ufeff大停電'}
Content-Length: 0`,
        ),
    ),
    torture(
        '3.1.1.3',
        'esc01',
        'Valid use of the % escaping mechanism',
        404,
        message(
            `INVITE sip:sips%3Auser%40example.com@example.net SIP/2.0
To: sip:%75se%72@example.com
From: <sip:I%20have%20spaces@example.net>;tag=938
Max-Forwards: 87
i: esc01.239409asdfakjkn23onasd0-3234
CSeq: 234234 INVITE
Via: SIP/2.0/UDP host5.example.net;branch=z9hG4bKkdjuw
C: application/sdp
Contact:
  <sip:cal%6Cer@host5.example.net;%6C%72;n%61me=v%61lue%25%34%31>
Content-Length: 150`,
            offer('192.0.2.1'),
        ),
    ),
    torture(
        '3.1.1.4',
        'escnull',
        'Escaped nulls in URIs',
        404,
        message(`REGISTER sip:example.com SIP/2.0
To: sip:null-%00-null@example.com
From: sip:null-%00-null@example.com;tag=839923423
Max-Forwards: 70
Call-ID: escnull.39203ndfvkjdasfkq3w4otrq0adsfdfnavd
CSeq: 14398234 REGISTER
Via: SIP/2.0/UDP host5.example.com;branch=z9hG4bKkdjuw
Contact: <sip:%00@host5.example.com>
Contact: <sip:%00%00@host5.example.com>
L:0`),
    ),
    torture(
        '3.1.1.5',
        'esc02',
        'Use of % when it is not an escape',
        404,
        message(`RE%47IST%45R sip:registrar.example.com SIP/2.0
To: "%Z%45" <sip:resource@example.com>
From: "%Z%45" <sip:resource@example.com>;tag=f232jadfj23
Call-ID: esc02.asdfnqwo34rq23i34jrjasdcnl23nrlknsdf
Via: SIP/2.0/TCP host.example.com;branch=z9hG4bK209%fzsnel234
CSeq: 29344 RE%47IST%45R
Max-Forwards: 70
Contact: <sip:alias1@host1.example.com>
C%6Fntact: <sip:alias2@host2.example.com>
Contact: <sip:alias3@host3.example.com>
l: 0`),
    ),
    torture(
        '3.1.1.6',
        'lwsdisp',
        'Message with no LWS between display name and <',
        200,
        message(`OPTIONS sip:user@example.com SIP/2.0
To: sip:user@example.com
From: caller<sip:caller@example.com>;tag=323
Max-Forwards: 70
Call-ID: lwsdisp.1234abcd@funky.example.com
CSeq: 60 OPTIONS
Via: SIP/2.0/UDP funky.example.com;branch=z9hG4bKkdjuw
l: 0`),
    ),
    torture(
        '3.1.1.7',
        'longreq',
        'Long values in header fields',
        'rings',
        message(
            [
                'INVITE sip:user@example.com SIP/2.0',
                `To: "I have a user name of ${'extreme'.repeat(10)} proportion"<sip:user@example.com:6000;` +
                    `unknownparam1=very${'long'.repeat(20)}value;longparam${'name'.repeat(25)}=shortvalue;` +
                    `very${'long'.repeat(25)}ParameterNameWithNoValue>`,
                `F: sip:${'amazinglylongcallername'.repeat(5)}@example.net;tag=12${'982'.repeat(50)}424;` +
                    `unknownheaderparam${'name'.repeat(20)}=unknowheaderparam${'value'.repeat(15)};` +
                    `unknownValueless${'paramname'.repeat(10)}`,
                `Call-ID: longreq.one${'really'.repeat(20)}longcallid`,
                'CSeq: 3882340 INVITE',
                `Unknown-${'Long'.repeat(20)}-Name: unknown-${'long'.repeat(20)}-value; ` +
                    `unknown-${'long'.repeat(20)}-parameter-name = unknown-${'long'.repeat(20)}-parameter-value`,
                ...[
                    ...['Via:', 'v:', 'V:', 'Via:', 'ViA:', 'VIa:', 'VIA:', 'via:', 'viA:', 'vIa:', 'vIA:'],
                    ...['V :', 'v :', 'V  :', 'v  :', 'Via :', 'Via  :', ...Array.from({ length: 16 }, () => 'Via:')],
                ].map(
                    (name, i) =>
                        `${name} ${/^v :$/iu.test(name) ? ' ' : ''}SIP/2.0/TCP sip${String(33 - i)}.example.com`,
                ),
                `Via: SIP/2.0/TCP host.example.com;received=192.0.2.5;branch=very${'long'.repeat(50)}branchvalue`,
                'Max-Forwards: 70',
                `Contact: <sip:${'amazinglylongcallername'.repeat(5)}@host5.example.net>`,
                'Content-Type: application/sdp',
                'l: 150',
            ].join('\n'),
            offer('192.0.2.1'),
        ),
    ),
    torture(
        '3.1.1.8',
        'dblreq',
        'Extra trailing octets in a UDP datagram',
        404,
        message(`REGISTER sip:example.com SIP/2.0
To: sip:j.user@example.com
From: sip:j.user@example.com;tag=43251j3j324
Max-Forwards: 8
I: dblreq.0ha0isndaksdj99sdfafnl3lk233412
Contact: sip:j.user@host.example.com
CSeq: 8 REGISTER
Via: SIP/2.0/UDP 192.0.2.125;branch=z9hG4bKkdjuw23492
Content-Length: 0`) +
            message(
                `
INVITE sip:joe@example.com SIP/2.0
t: sip:joe@example.com
From: sip:caller@example.net;tag=141334
Max-Forwards: 8
Call-ID: dblreq.0ha0isnda977644900765@192.0.2.15
CSeq: 8 INVITE
Via: SIP/2.0/UDP 192.0.2.15;branch=z9hG4bKkdjuw380234
Content-Type: application/sdp
Content-Length: 150`,
                `${offer('192.0.2.15').replace('m=video', 'm =video')}\r\n`,
            ).replace(/^/u, '\r\n'),
    ),
    torture(
        '3.1.1.9',
        'semiuri',
        'Semicolon-separated parameters in the user part of a URI',
        404,
        message(`OPTIONS sip:user;par=u%40example.net@example.com SIP/2.0
To: sip:j_user@example.com
From: sip:caller@example.org;tag=33242
Max-Forwards: 3
Call-ID: semiuri.0ha0isndaksdj
CSeq: 8 OPTIONS
Accept: application/sdp, application/pkcs7-mime,
        multipart/mixed, multipart/signed,
        message/sip, message/sipfrag
Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKkdjuw
l: 0`),
    ),
    torture(
        '3.1.1.10',
        'transports',
        'Varied and unknown transport types',
        200,
        message(`OPTIONS sip:user@example.com SIP/2.0
To: sip:user@example.com
From: <sip:caller@example.com>;tag=323
Max-Forwards: 70
Call-ID:  transports.kijh4akdnaqjkwendsasfdj
Accept: application/sdp
CSeq: 60 OPTIONS
Via: SIP/2.0/UDP t1.example.com;branch=z9hG4bKkdjuw
Via: SIP/2.0/SCTP t2.example.com;branch=z9hG4bKklasjdhf
Via: SIP/2.0/TLS t3.example.com;branch=z9hG4bK2980unddj
Via: SIP/2.0/UNKNOWN t4.example.com;branch=z9hG4bKasd0f3en
Via: SIP/2.0/TCP t5.example.com;branch=z9hG4bK0a9idfnee
l: 0`),
    ),
    torture(
        '3.1.1.11',
        'mpart01',
        'Multipart MIME message',
        404,
        message(
            `MESSAGE sip:kumiko@example.org SIP/2.0
Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK-d87543-4dade06d0bdb11ee-1--d87543-;rport
Max-Forwards: 70
Route: <sip:127.0.0.1:5080>
Identity: r5mwreLuyDRYBi/0TiPwEsY3rEVsk/G2WxhgTV1PF7hHuLIK0YWVKZhKv9Mj8UeXqkMVbnVq37CD+813gvYjcBUaZngQmXc9WNZSDNGCzA+fWl9MEUHWIZo1CeJebdY/XlgKeTa0Olvq0rt70Q5jiSfbqMJmQFteeivUhkMWYUA=
Contact: <sip:fluffy@127.0.0.1:5070>
To: <sip:kumiko@example.org>
From: <sip:fluffy@example.com>;tag=2fb0dcc9
Call-ID: 3d9485ad0c49859b@Zmx1ZmZ5LW1hYy0xNi5sb2NhbA..
CSeq: 1 MESSAGE
Content-Transfer-Encoding: binary
Content-Type: multipart/mixed;boundary=7a9cbec02ceef655
Date: Sat, 15 Oct 2005 04:44:56 GMT
User-Agent: SIPimp.org/0.2.5 (curses)
Content-Length: 553`,
        ) +
            [
                '--7a9cbec02ceef655',
                'Content-Type: text/plain',
                'Content-Transfer-Encoding: binary',
                '',
                'Hello',
                '--7a9cbec02ceef655',
                'Content-Type: application/octet-stream',
                'Content-Transfer-Encoding: binary',
                '',
                binary,
                '--7a9cbec02ceef655--',
                '',
            ].join('\r\n'),
    ),
    torture(
        '3.1.1.12',
        'unreason',
        'Unusual reason phrase',
        'dropped',
        message(
            `SIP/2.0 200 = 2**3 * 5**2 но сто девяносто девять - простое
Via: SIP/2.0/UDP 192.0.2.198;branch=z9hG4bK1324923
Call-ID: unreason.1234ksdfak3j2erwedfsASdf
CSeq: 35 INVITE
From: sip:user@example.com;tag=11141343
To: sip:user@example.edu;tag=2229
Content-Length: 154
Content-Type: application/sdp
Contact: <sip:user@host198.example.com>`,
            offer('192.0.2.198'),
        ),
    ),
    torture(
        '3.1.1.13',
        'noreason',
        'Empty reason phrase',
        'dropped',
        message(`SIP/2.0 100 ${''}
Via: SIP/2.0/UDP 192.0.2.105;branch=z9hG4bK2398ndaoe
Call-ID: noreason.asndj203insdf99223ndf
CSeq: 35 INVITE
From: <sip:user@example.com>;tag=39ansfi3
To: <sip:user@example.edu>;tag=902jndnke3
Content-Length: 0
Contact: <sip:user@host105.example.com>`),
    ),
    torture(
        '3.1.2.1',
        'badinv01',
        'Extraneous header field separators',
        'dropped',
        message(
            `INVITE sip:user@example.com SIP/2.0
To: sip:j.user@example.com
From: sip:caller@example.net;tag=134161461246
Max-Forwards: 7
Call-ID: badinv01.0ha0isndaksdjasdf3234nas
CSeq: 8 INVITE
Via: SIP/2.0/UDP 192.0.2.15;;,;,,
Contact: "Joe" <sip:joe@example.org>;;;;
Content-Length: 152
Content-Type: application/sdp`,
            offer('192.0.2.15'),
        ),
    ),
    torture(
        '3.1.2.2',
        'clerr',
        'Content-Length larger than the message',
        400,
        message(
            `INVITE sip:user@example.com SIP/2.0
Max-Forwards: 80
To: sip:j.user@example.com
From: sip:caller@example.net;tag=93942939o2
Contact: <sip:caller@hungry.example.net>
Call-ID: clerr.0ha0isndaksdjweiafasdk3
CSeq: 8 INVITE
Via: SIP/2.0/UDP host5.example.com;branch=z9hG4bK-39234-23523
Content-Type: application/sdp
Content-Length: 9999`,
            offer('192.0.2.155'),
        ),
    ),
    torture(
        '3.1.2.3',
        'ncl',
        'Negative Content-Length',
        'dropped',
        message(
            `INVITE sip:user@example.com SIP/2.0
Max-Forwards: 254
To: sip:j.user@example.com
From: sip:caller@example.net;tag=32394234
Call-ID: ncl.0ha0isndaksdj2193423r542w35
CSeq: 0 INVITE
Via: SIP/2.0/UDP 192.0.2.53;branch=z9hG4bKkdjuw
Contact: <sip:caller@example53.example.net>
Content-Type: application/sdp
Content-Length: -999`,
            offer('192.0.2.53'),
        ),
    ),
    torture(
        '3.1.2.4',
        'scalar02',
        'Request scalar fields with overlarge values',
        'dropped',
        message(`REGISTER sip:example.com SIP/2.0
Via: SIP/2.0/TCP host129.example.com;branch=z9hG4bK342sdfoi3
To: <sip:user@example.com>
From: <sip:user@example.com>;tag=239232jh3
CSeq: 36893488147419103232 REGISTER
Call-ID: scalar02.23o0pd9vanlq3wnrlnewofjas9ui32
Max-Forwards: 300
Expires: 1${'0'.repeat(100)}
Contact: <sip:user@host129.example.com>
  ;expires=280297596632815
Content-Length: 0`),
    ),
    torture(
        '3.1.2.5',
        'scalarlg',
        'Response scalar fields with overlarge values',
        'dropped',
        message(`SIP/2.0 503 Service Unavailable
Via: SIP/2.0/TCP host129.example.com;branch=z9hG4bKzzxdiwo34sw;received=192.0.2.129
To: <sip:user@example.com>
From: <sip:other@example.net>;tag=2easdjfejw
CSeq: 9292394834772304023312 OPTIONS
Call-ID: scalarlg.noase0of0234hn2qofoaf0232aewf2394r
Retry-After: 949302838503028349304023988
Warning: 1812 overture "In Progress"
Content-Length: 0`),
    ),
    torture(
        '3.1.2.6',
        'quotbal',
        'Unterminated quoted string in display name',
        'dropped',
        message(
            `INVITE sip:user@example.com SIP/2.0
To: "Mr. J. User <sip:j.user@example.com>
From: sip:caller@example.net;tag=93334
Max-Forwards: 10
Call-ID: quotbal.aksdj
Contact: <sip:caller@host59.example.net>
CSeq: 8 INVITE
Via: SIP/2.0/UDP 192.0.2.59:5050;branch=z9hG4bKkdjuw39234
Content-Type: application/sdp
Content-Length: 152`,
            offer('192.0.2.15'),
        ),
    ),
    torture(
        '3.1.2.7',
        'ltgtruri',
        '<> enclosing Request-URI',
        'dropped',
        message(
            `INVITE <sip:user@example.com> SIP/2.0
To: sip:user@example.com
From: sip:caller@example.net;tag=39291
Max-Forwards: 23
Call-ID: ltgtruri.1@192.0.2.5
CSeq: 1 INVITE
Via: SIP/2.0/UDP 192.0.2.5
Contact: <sip:caller@host5.example.net>
Content-Type: application/sdp
Content-Length: 159`,
            offer('192.0.2.5', '3149328700'),
        ),
    ),
    torture(
        '3.1.2.8',
        'lwsruri',
        'Malformed SIP Request-URI (embedded LWS)',
        'dropped',
        message(
            `INVITE sip:user@example.com; lr SIP/2.0
To: sip:user@example.com;tag=3xfe-9921883-z9f
From: sip:caller@example.net;tag=231413434
Max-Forwards: 5
Call-ID: lwsruri.asdfasdoeoi2323-asdfwrn23-asd834rk423
CSeq: 2130706432 INVITE
Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKkdjuw2395
Contact: <sip:caller@host1.example.net>
Content-Type: application/sdp
Content-Length: 159`,
            offer('192.0.2.1', '3149328700'),
        ),
    ),
    torture(
        '3.1.2.9',
        'lwsstart',
        'Multiple SP separating Request-Line elements',
        'dropped',
        message(
            `INVITE  sip:user@example.com  SIP/2.0
Max-Forwards: 8
To: sip:user@example.com
From: sip:caller@example.net;tag=8814
Call-ID: lwsstart.dfknq234oi243099adsdfnawe3@example.com
CSeq: 1893884 INVITE
Via: SIP/2.0/UDP host1.example.com;branch=z9hG4bKkdjuw3923
Contact: <sip:caller@host1.example.net>
Content-Type: application/sdp
Content-Length: 150`,
            offer('192.0.2.1'),
        ),
    ),
    torture(
        '3.1.2.10',
        'trws',
        'SP characters at the end of the Request-Line',
        'dropped',
        message(`OPTIONS sip:remote-target@example.com SIP/2.0  ${''}
Via: SIP/2.0/TCP host1.examle.com;branch=z9hG4bK299342093
To: <sip:remote-target@example.com>
From: <sip:local-resource@example.com>;tag=329429089
Call-ID: trws.oicu34958239neffasdhr2345r
Accept: application/sdp
CSeq: 238923 OPTIONS
Max-Forwards: 70
Content-Length: 0`),
    ),
    torture(
        '3.1.2.11',
        'escruri',
        'Escaped headers in SIP Request-URI',
        'rings',
        message(
            `INVITE sip:user@example.com?Route=%3Csip:example.com%3E SIP/2.0
To: sip:user@example.com
From: sip:caller@example.net;tag=341518
Max-Forwards: 7
Contact: <sip:caller@host39923.example.net>
Call-ID: escruri.23940-asdfhj-aje3br-234q098w-fawerh2q-h4n5
CSeq: 149209342 INVITE
Via: SIP/2.0/UDP host-of-the-hour.example.com;branch=z9hG4bKkdjuw
Content-Type: application/sdp
Content-Length: 150`,
            offer('192.0.2.1'),
        ),
    ),
    torture(
        '3.1.2.12',
        'baddate',
        'Invalid time zone in Date header field',
        'rings',
        message(
            `INVITE sip:user@example.com SIP/2.0
To: sip:user@example.com
From: sip:caller@example.net;tag=2234923
Max-Forwards: 70
Call-ID: baddate.239423mnsadf3j23lj42--sedfnm234
CSeq: 1392934 INVITE
Via: SIP/2.0/UDP host.example.com;branch=z9hG4bKkdjuw
Date: Fri, 01 Jan 2010 16:00:00 EST
Contact: <sip:caller@host5.example.net>
Content-Type: application/sdp
Content-Length: 150`,
            offer('192.0.2.5'),
        ),
    ),
    torture(
        '3.1.2.13',
        'regbadct',
        'Failure to enclose name-addr URI in <>',
        'dropped',
        message(`REGISTER sip:example.com SIP/2.0
To: sip:user@example.com
From: sip:user@example.com;tag=998332
Max-Forwards: 70
Call-ID: regbadct.k345asrl3fdbv@10.0.0.1
CSeq: 1 REGISTER
Via: SIP/2.0/UDP 135.180.130.133:5060;branch=z9hG4bKkdjuw
Contact: sip:user@example.com?Route=%3Csip:sip.example.com%3E
l: 0`),
    ),
    torture(
        '3.1.2.14',
        'badaspec',
        'Spaces within addr-spec',
        'dropped',
        message(`OPTIONS sip:user@example.org SIP/2.0
Via: SIP/2.0/UDP host4.example.com:5060;branch=z9hG4bKkdju43234
Max-Forwards: 70
From: "Bell, Alexander" <sip:a.g.bell@example.com>;tag=433423
To: "Watson, Thomas" < sip:t.watson@example.org >
Call-ID: badaspec.sdf0234n2nds0a099u23h3hnnw009cdkne3
Accept: application/sdp
CSeq: 3923239 OPTIONS
l: 0`),
    ),
    torture(
        '3.1.2.15',
        'baddn',
        'Non-token characters in display name',
        'dropped',
        message(`OPTIONS sip:t.watson@example.org SIP/2.0
Via:     SIP/2.0/UDP c.example.com:5060;branch=z9hG4bKkdjuw
Max-Forwards:      70
From:    Bell, Alexander <sip:a.g.bell@example.com>;tag=43
To:      Watson, Thomas <sip:t.watson@example.org>
Call-ID: baddn.31415@c.example.com
Accept: application/sdp
CSeq:    3923239 OPTIONS
l: 0`),
    ),
    torture(
        '3.1.2.16',
        'badvers',
        'Unknown protocol version',
        'dropped',
        message(`OPTIONS sip:t.watson@example.org SIP/7.0
Via:     SIP/7.0/UDP c.example.com;branch=z9hG4bKkdjuw
Max-Forwards:     70
From:    A. Bell <sip:a.g.bell@example.com>;tag=qweoiqpe
To:      T. Watson <sip:t.watson@example.org>
Call-ID: badvers.31417@c.example.com
CSeq:    1 OPTIONS
l: 0`),
    ),
    torture(
        '3.1.2.17',
        'mismatch01',
        'Start line and CSeq method mismatch',
        400,
        message(`OPTIONS sip:user@example.com SIP/2.0
To: sip:j.user@example.com
From: sip:caller@example.net;tag=34525
Max-Forwards: 6
Call-ID: mismatch01.dj0234sxdfl3
CSeq: 8 INVITE
Via: SIP/2.0/UDP host.example.com;branch=z9hG4bKkdjuw
l: 0`),
    ),
    torture(
        '3.1.2.18',
        'mismatch02',
        'Unknown method with CSeq method mismatch',
        400,
        message(
            `NEWMETHOD sip:user@example.com SIP/2.0
To: sip:j.user@example.com
From: sip:caller@example.net;tag=34525
Max-Forwards: 6
Call-ID: mismatch02.dj0234sxdfl3
CSeq: 8 INVITE
Contact: <sip:caller@host.example.net>
Via: SIP/2.0/UDP host.example.net;branch=z9hG4bKkdjuw
Content-Type: application/sdp
l: 138`,
            offer('192.0.2.1').replace('s=-\r\n', '').replace('t=0 0\r\n', ''),
        ),
    ),
    torture(
        '3.1.2.19',
        'bigcode',
        'Overlarge response code',
        'dropped',
        message(`SIP/2.0 4294967301 better not break the receiver
Via: SIP/2.0/UDP 192.0.2.105;branch=z9hG4bK2398ndaoe
Call-ID: bigcode.asdof3uj203asdnf3429uasdhfas3ehjasdfas9i
CSeq: 353494 INVITE
From: <sip:user@example.com>;tag=39ansfi3
To: <sip:user@example.edu>;tag=902jndnke3
Content-Length: 0
Contact: <sip:user@host105.example.com>`),
    ),
    torture(
        '3.2.1',
        'badbranch',
        'Missing transaction identifier',
        200,
        message(`OPTIONS sip:user@example.com SIP/2.0
To: sip:user@example.com
From: sip:caller@example.org;tag=33242
Max-Forwards: 3
Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK
Accept: application/sdp
Call-ID: badbranch.sadonfo23i420jv0as0derf3j3n
CSeq: 8 OPTIONS
l: 0`),
    ),
    torture(
        '3.3.1',
        'insuf',
        'Missing required header fields',
        'dropped',
        message(
            `INVITE sip:user@example.com SIP/2.0
CSeq: 193942 INVITE
Via: SIP/2.0/UDP 192.0.2.95;branch=z9hG4bKkdj.insuf
Content-Type: application/sdp
l: 152`,
            offer('192.0.2.95'),
        ),
    ),
    torture(
        '3.3.2',
        'unkscm',
        'Request-URI with unknown scheme',
        416,
        message(`OPTIONS nobodyKnowsThisScheme:totallyopaquecontent SIP/2.0
To: sip:user@example.com
From: sip:caller@example.net;tag=384
Max-Forwards: 3
Call-ID: unkscm.nasdfasser0q239nwsdfasdkl34
CSeq: 3923423 OPTIONS
Via: SIP/2.0/TCP host9.example.com;branch=z9hG4bKkdjuw39234
Content-Length: 0`),
    ),
    torture(
        '3.3.3',
        'novelsc',
        'Request-URI with known but atypical scheme',
        416,
        message(`OPTIONS soap.beep://192.0.2.103:3002 SIP/2.0
To: sip:user@example.com
From: sip:caller@example.net;tag=384
Max-Forwards: 3
Call-ID: novelsc.asdfasser0q239nwsdfasdkl34
CSeq: 3923423 OPTIONS
Via: SIP/2.0/TCP host9.example.com;branch=z9hG4bKkdjuw39234
Content-Length: 0`),
    ),
    torture(
        '3.3.4',
        'unksm2',
        'Unknown URI schemes in header fields',
        404,
        message(`REGISTER sip:example.com SIP/2.0
To: isbn:2983792873
From: <http://www.example.com>;tag=3234233
Call-ID: unksm2.daksdj@hyphenated-host.example.com
CSeq: 234902 REGISTER
Max-Forwards: 70
Via: SIP/2.0/UDP 192.0.2.21:5060;branch=z9hG4bKkdjuw
Contact: <name:John_Smith>
l: 0`),
    ),
    torture(
        '3.3.5',
        'bext01',
        'Proxy-Require and Require',
        420,
        message(`OPTIONS sip:user@example.com SIP/2.0
To: sip:j_user@example.com
From: sip:caller@example.net;tag=242etr
Max-Forwards: 6
Call-ID: bext01.0ha0isndaksdj
Require: nothingSupportsThis, nothingSupportsThisEither
Proxy-Require: noProxiesSupportThis, norDoAnyProxiesSupportThis
CSeq: 8 OPTIONS
Via: SIP/2.0/TLS fold-and-staple.example.com;branch=z9hG4bKkdjuw
Content-Length: 0`),
    ),
    torture(
        '3.3.6',
        'invut',
        'Unknown Content-Type',
        415,
        message(
            `INVITE sip:user@example.com SIP/2.0
Contact: <sip:caller@host5.example.net>
To: sip:j.user@example.com
From: sip:caller@example.net;tag=8392034
Max-Forwards: 70
Call-ID: invut.0ha0isndaksdjadsfij34n23d
CSeq: 235448 INVITE
Via: SIP/2.0/UDP somehost.example.com;branch=z9hG4bKkdjuw
Content-Type: application/unknownformat
Content-Length: 40`,
            body('<audio>', ' <pcmu port="443"/>', '</audio>'),
        ),
    ),
    torture(
        '3.3.7',
        'regaut01',
        'Unknown authorization scheme',
        404,
        message(`REGISTER sip:example.com SIP/2.0
To: sip:j.user@example.com
From: sip:j.user@example.com;tag=87321hj23128
Max-Forwards: 8
Call-ID: regaut01.0ha0isndaksdj
CSeq: 9338 REGISTER
Via: SIP/2.0/TCP 192.0.2.253;branch=z9hG4bKkdjuw
Authorization: NoOneKnowsThisScheme opaque-data=here
Content-Length:0`),
    ),
    torture(
        '3.3.8',
        'multi01',
        'Multiple values in single value required fields',
        'dropped',
        message(
            `INVITE sip:user@company.com SIP/2.0
Contact: <sip:caller@host25.example.net>
Via: SIP/2.0/UDP 192.0.2.25;branch=z9hG4bKkdjuw
Max-Forwards: 70
CSeq: 5 INVITE
Call-ID: multi01.98asdh@192.0.2.1
CSeq: 59 INVITE
Call-ID: multi01.98asdh@192.0.2.2
From: sip:caller@example.com;tag=3413415
To: sip:user@example.com
To: sip:other@example.net
From: sip:caller@example.net;tag=2923420123
Content-Type: application/sdp
l: 154
Contact: <sip:caller@host36.example.net>
Max-Forwards: 5`,
            `${offer('192.0.2.25')}\r\n`,
        ),
    ),
    torture(
        '3.3.9',
        'mcl01',
        'Multiple Content-Length values',
        'dropped',
        message(
            `OPTIONS sip:user@example.com SIP/2.0
Via: SIP/2.0/UDP host5.example.net;branch=z9hG4bK293423
To: sip:user@example.com
From: sip:other@example.net;tag=3923942
Call-ID: mcl01.fhn2323orihawfdoa3o4r52o3irsdf
CSeq: 15932 OPTIONS
Content-Length: 13
Max-Forwards: 60
Content-Length: 5
Content-Type: text/plain`,
            body("There's no way to know how many octets are supposed to be here.", ''),
        ),
    ),
    torture(
        '3.3.10',
        'bcast',
        '200 OK response with broadcast Via header field value',
        'dropped',
        message(
            `SIP/2.0 200 OK
Via: SIP/2.0/UDP 192.0.2.198;branch=z9hG4bK1324923
Via: SIP/2.0/UDP 255.255.255.255;branch=z9hG4bK1saber23
Call-ID: bcast.0384840201234ksdfak3j2erwedfsASdf
CSeq: 35 INVITE
From: sip:user@example.com;tag=11141343
To: sip:user@example.edu;tag=2229
Content-Length: 154
Content-Type: application/sdp
Contact: <sip:user@host28.example.com>`,
            offer('192.0.2.198'),
        ),
    ),
    torture(
        '3.3.11',
        'zeromf',
        'Max-Forwards of zero',
        200,
        message(`OPTIONS sip:user@example.com SIP/2.0
To: sip:user@example.com
From: sip:caller@example.net;tag=3ghsd41
Call-ID: zeromf.jfasdlfnm2o2l43r5u0asdfas
CSeq: 39234321 OPTIONS
Via: SIP/2.0/UDP host1.example.com;branch=z9hG4bKkdjuw2349i
Max-Forwards: 0
Content-Length: 0`),
    ),
    torture(
        '3.3.12',
        'cparam01',
        'REGISTER with a contact header parameter',
        404,
        message(`REGISTER sip:example.com SIP/2.0
Via: SIP/2.0/UDP saturn.example.com:5060;branch=z9hG4bKkdjuw
Max-Forwards: 70
From: sip:watson@example.com;tag=DkfVgjkrtMwaerKKpe
To: sip:watson@example.com
Call-ID: cparam01.70710@saturn.example.com
CSeq: 2 REGISTER
Contact: sip:+19725552222@gw1.example.net;unknownparam
l: 0`),
    ),
    torture(
        '3.3.13',
        'cparam02',
        'REGISTER with a url-parameter',
        404,
        message(`REGISTER sip:example.com SIP/2.0
Via: SIP/2.0/UDP saturn.example.com:5060;branch=z9hG4bKkdjuw
Max-Forwards: 70
From: sip:watson@example.com;tag=838293
To: sip:watson@example.com
Call-ID: cparam02.70710@saturn.example.com
CSeq: 3 REGISTER
Contact: <sip:+19725552222@gw1.example.net;unknownparam>
l: 0`),
    ),
    torture(
        '3.3.14',
        'regescrt',
        'REGISTER with a URL escaped header',
        404,
        message(`REGISTER sip:example.com SIP/2.0
To: sip:user@example.com
From: sip:user@example.com;tag=8
Max-Forwards: 70
Call-ID: regescrt.k345asrl3fdbv@192.0.2.1
CSeq: 14398234 REGISTER
Via: SIP/2.0/UDP host5.example.com;branch=z9hG4bKkdjuw
M: <sip:user@example.com?Route=%3Csip:sip.example.com%3E>
L:0`),
    ),
    torture(
        '3.3.15',
        'sdp01',
        'Unacceptable Accept offering',
        'rings',
        message(
            `INVITE sip:user@example.com SIP/2.0
To: sip:j_user@example.com
Contact: <sip:caller@host15.example.net>
From: sip:caller@example.net;tag=234
Max-Forwards: 5
Call-ID: sdp01.ndaksdj9342dasdd
Accept: text/nobodyKnowsThis
CSeq: 8 INVITE
Via: SIP/2.0/UDP 192.0.2.15;branch=z9hG4bKkdjuw
Content-Length: 150
Content-Type: application/sdp`,
            offer('192.0.2.5'),
        ),
    ),
    torture(
        '3.4.1',
        'inv2543',
        'INVITE with RFC 2543 syntax',
        404,
        message(
            `INVITE sip:UserB@example.com SIP/2.0
Via: SIP/2.0/UDP iftgw.example.com
From: <sip:+13035551111@ift.client.example.net;user=phone>
Record-Route: <sip:UserB@example.com;maddr=ss1.example.com>
To: sip:+16505552222@ss1.example.net;user=phone
Call-ID: inv2543.1717@ift.client.example.com
CSeq: 56 INVITE
Content-Type: application/sdp`,
            offer('192.0.2.5').replace(/0 12[^]*/u, '0\r\n'),
        ),
    ),
];

const moreIp6 = (...lines: string[]): string => ['Max-Forwards: 70', ...lines, 'Content-Length: 0'].join('\n');
const DESK = 'Call-ID: SSG9559905523997077@hlau_4100';
const NEAR = 'Via: SIP/2.0/UDP [2001:db8::9:1]';

const register = (registrar: string, order: 'contact' | 'forwards'): string => {
    const contact = 'Contact: "Caller" <sip:caller@[2001:db8::1]>';
    const [first, second] = order === 'contact' ? [contact, 'Max-Forwards: 70'] : ['Max-Forwards: 70', contact];
    return message(
        [
            `REGISTER sip:${registrar} SIP/2.0`,
            'To: sip:user@example.com',
            'From: sip:user@example.com;tag=81x2',
            `${NEAR};branch=z9hG4bKas3-111`,
            DESK,
            first,
            second,
            'CSeq: 98176 REGISTER',
            'Content-Length: 0',
        ].join('\n'),
    );
};

const options = (address: string): string =>
    message(`OPTIONS sip:user@${address} SIP/2.0
To: sip:user@${address}
From: sip:user@example.com;tag=810x2
Via: SIP/2.0/UDP lab1.east.example.com;branch=z9hG4bKas3-111
Call-ID: G9559905523997077@hlau_4100
CSeq: 689 OPTIONS
Max-Forwards: 70
Content-Length: 0`);

/** RFC 5118. */
export const RFC_5118: readonly Torture[] = [
    torture(
        '4.1',
        'ipv6-good',
        'Valid SIP message with an IPv6 reference',
        404,
        register('[2001:db8::10]', 'forwards'),
    ),
    torture(
        '4.2',
        'ipv6-bad',
        'Invalid SIP message with an IPv6 reference',
        'dropped',
        register('2001:db8::10', 'forwards'),
    ),
    torture('4.3', 'port-ambiguous', 'Port ambiguous in a SIP URI', 404, register('[2001:db8::10:5070]', 'contact')),
    torture(
        '4.4',
        'port-unambiguous',
        'Port unambiguous in a SIP URI',
        404,
        register('[2001:db8::10]:5070', 'contact'),
    ),
    torture(
        '4.5',
        'via-received-param-with-delim',
        'IPv6 reference delimiters in the Via received parameter',
        404,
        message(`BYE sip:[2001:db8::10] SIP/2.0
To: sip:user@example.com;tag=bd76ya
From: sip:user@example.com;tag=81x2
${NEAR};received=[2001:db8::9:255];branch=z9hG4bKas3-111
${DESK}
${moreIp6('CSeq: 321 BYE')}`),
    ),
    torture(
        '4.5',
        'via-received-param-no-delim',
        'No IPv6 reference delimiters in the Via received parameter',
        404,
        message(`OPTIONS sip:[2001:db8::10] SIP/2.0
To: sip:user@example.com
From: sip:user@example.com;tag=81x2
${NEAR};received=2001:db8::9:255;branch=z9hG4bKas3
Call-ID: SSG95523997077@hlau_4100
${moreIp6('Contact: "Caller" <sip:caller@[2001:db8::9:1]>', 'CSeq: 921 OPTIONS')}`),
    ),
    torture(
        '4.6',
        'ipv6-in-sdp',
        'SIP request with IPv6 addresses in its session description',
        'rings',
        message(
            `INVITE sip:user@[2001:db8::10] SIP/2.0
To: sip:user@[2001:db8::10]
From: sip:user@example.com;tag=81x2
Via: SIP/2.0/UDP [2001:db8::20];branch=z9hG4bKas3-111
${DESK}
Contact: "Caller" <sip:caller@[2001:db8::20]>
CSeq: 8612 INVITE
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: 241`,
            body(
                'v=0',
                'o=assistant 971731711378798081 0 IN IP6 2001:db8::20',
                "s=Live video feed for today's meeting",
                'c=IN IP6 2001:db8::20',
                't=3338481189 3370017201',
                'm=audio 6000 RTP/AVP 2',
                'a=rtpmap:2 G726-32/8000',
                'm=video 6024 RTP/AVP 107',
                'a=rtpmap:107 H263-1998/90000',
            ),
        ),
    ),
    torture(
        '4.7',
        'mult-ip-in-header',
        'Multiple IP addresses in SIP header fields',
        481,
        message(`BYE sip:user@host.example.net SIP/2.0
Via: SIP/2.0/UDP [2001:db8::9:1]:6050;branch=z9hG4bKas3-111
Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKjhja8781hjuaij65144
Via: SIP/2.0/TCP [2001:db8::9:255];branch=z9hG4bK451jj;received=192.0.2.200
Call-ID: 997077@lau_4100
Max-Forwards: 70
CSeq: 89187 BYE
To: sip:user@example.net;tag=9817--94
From: sip:user@example.com;tag=81x2
Content-Length: 0`),
    ),
    torture(
        '4.8',
        'mult-ip-in-sdp',
        'Multiple IP addresses in a session description',
        'rings',
        message(
            `INVITE sip:user@[2001:db8::10] SIP/2.0
To: sip:user@[2001:db8::10]
From: sip:user@example.com;tag=81x2
${NEAR};branch=z9hG4bKas3-111
${DESK}
Contact: "Caller" <sip:caller@[2001:db8::9:1]>
Max-Forwards: 70
CSeq: 8912 INVITE
Content-Type: application/sdp
Content-Length: 181`,
            body(
                'v=0',
                'o=bob 280744730 28977631 IN IP4 host.example.com',
                's=',
                't=0 0',
                'm=audio 22334 RTP/AVP 0',
                'c=IN IP4 192.0.2.1',
                'm=video 6024 RTP/AVP 107',
                'c=IN IP6 2001:db8::1',
                'a=rtpmap:107 H263-1998/90000',
            ),
        ),
    ),
    torture(
        '4.9',
        'ipv4-mapped-ipv6',
        'IPv4-mapped IPv6 addresses',
        'rings',
        message(
            `INVITE sip:user@example.com SIP/2.0
To: sip:user@example.com
From: sip:user@east.example.com;tag=81x2
Via: SIP/2.0/UDP [::ffff:192.0.2.10]:19823;branch=z9hG4bKbh19
Via: SIP/2.0/UDP [::ffff:192.0.2.2];branch=z9hG4bKas3-111
${DESK}
Contact: "T. desk phone" <sip:ted@[::ffff:192.0.2.2]>
CSeq: 612 INVITE
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: 236`,
            body(
                'v=0',
                'o=assistant 971731711378798081 0 IN IP6 ::ffff:192.0.2.2',
                's=Call me soon, please!',
                'c=IN IP6 ::ffff:192.0.2.2',
                't=3338481189 3370017201',
                'm=audio 6000 RTP/AVP 2',
                'a=rtpmap:2 G726-32/8000',
                'm=video 6024 RTP/AVP 107',
                'a=rtpmap:107 H263-1998/90000',
            ),
        ),
    ),
    torture(
        '4.10',
        'ipv6-bug-abnf-3-colons',
        'IPv6 reference bug in the grammar of RFC 3261',
        'dropped',
        options('[2001:db8:::192.0.2.1]'),
    ),
    torture('4.10', 'ipv6-correct-abnf-2-colons', 'The same, correct', 200, options('[2001:db8::192.0.2.1]')),
];
