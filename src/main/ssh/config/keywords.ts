// The keywords of ssh_config(5): how the value of each is read, and what becomes of those not followed here. Pure.
import {
  type BadValue,
  readAddressFamily,
  readCanonicalize,
  readFlag,
  readInteger,
  readPort,
  readPublicKeyUse,
  readStrictness,
  readTime,
} from './values.ts'

export interface KeywordRule {
  /**
   * `word`: one word, the first line counts. `words`: all words of the first line. `each`: one word, every line
   * counts. `line`: the rest of the line as it stands, the first counts.
   */
  readonly shape: 'word' | 'words' | 'each' | 'line'
  readonly read?: (text: string) => string | BadValue
}

const word: KeywordRule = { shape: 'word' }
const flag: KeywordRule = { shape: 'word', read: readFlag }
const time: KeywordRule = { shape: 'word', read: readTime }
const integer: KeywordRule = { shape: 'word', read: readInteger }

/** Followed, or at least read, since something depends on them. */
export const keywordRules: ReadonlyMap<string, KeywordRule> = new Map(
  Object.entries({
    addressfamily: { shape: 'word', read: readAddressFamily },
    bindaddress: word,
    bindinterface: word,
    canonicaldomains: { shape: 'words' },
    canonicalizefallbacklocal: flag,
    canonicalizehostname: { shape: 'word', read: readCanonicalize },
    canonicalizemaxdots: integer,
    canonicalizepermittedcnames: { shape: 'words' },
    certificatefile: { shape: 'each' },
    ciphers: word,
    connectionattempts: integer,
    connecttimeout: time,
    globalknownhostsfile: { shape: 'words' },
    hostkeyalgorithms: word,
    hostkeyalias: word,
    hostname: word,
    identitiesonly: flag,
    identityagent: word,
    identityfile: { shape: 'each' },
    ignoreunknown: word,
    kbdinteractiveauthentication: flag,
    kexalgorithms: word,
    knownhostscommand: { shape: 'line' },
    macs: word,
    numberofpasswordprompts: integer,
    passwordauthentication: flag,
    pkcs11provider: word,
    port: { shape: 'word', read: readPort },
    preferredauthentications: word,
    proxycommand: { shape: 'line' },
    proxyjump: { shape: 'line' },
    proxyusefdpass: flag,
    pubkeyacceptedalgorithms: word,
    pubkeyauthentication: { shape: 'word', read: readPublicKeyUse },
    requiredrsasize: integer,
    revokedhostkeys: word,
    serveralivecountmax: integer,
    serveraliveinterval: time,
    stricthostkeychecking: { shape: 'word', read: readStrictness },
    tag: word,
    user: word,
    userknownhostsfile: { shape: 'words' },
  } satisfies Record<string, KeywordRule>),
)

/** Older spellings that OpenSSH still takes. */
export const keywordAliases: ReadonlyMap<string, string> = new Map([
  ['challengeresponseauthentication', 'kbdinteractiveauthentication'],
  ['dsaauthentication', 'pubkeyauthentication'],
  ['identityfile2', 'identityfile'],
  ['pubkeyacceptedkeytypes', 'pubkeyacceptedalgorithms'],
  ['skeyauthentication', 'kbdinteractiveauthentication'],
  ['smartcarddevice', 'pkcs11provider'],
  ['tisauthentication', 'kbdinteractiveauthentication'],
])

/** They change neither where a connection goes nor whom it trusts, or only make ssh less strict than we are. */
export const harmlessKeywords: ReadonlySet<string> = new Set(
  `addkeystoagent afstokenpassing batchmode casignaturealgorithms channeltimeout checkhostip cipher clearallforwardings
  compression compressionlevel controlmaster controlpath controlpersist dynamicforward enableescapecommandline
  enablesshkeysign escapechar exitonforwardfailure fallbacktorsh fingerprinthash forkafterauthentication forwardagent
  forwardx11 forwardx11timeout forwardx11trusted gatewayports globalknownhostsfile2 gssapiauthentication
  gssapiclientidentity gssapidelegatecredentials gssapikeyexchange gssapikexalgorithms gssapirenewalforcesrekey
  gssapiserveridentity gssapitrustdns hashknownhosts hostbasedacceptedalgorithms hostbasedauthentication
  hostbasedkeytypes ipqos kbdinteractivedevices keepalive kerberosauthentication kerberostgtpassing localcommand
  localforward logfacility loglevel logverbose nohostauthenticationforlocalhost obscurekeystroketiming
  permitlocalcommand permitremoteopen protocol refuseconnection rekeylimit remotecommand remoteforward requesttty
  rhostsauthentication rhostsrsaauthentication rsaauthentication securitykeyprovider sendenv sessiontype setenv
  stdinnull streamlocalbindmask streamlocalbindunlink syslogfacility tcpkeepalive tunnel tunneldevice
  updatehostkeys usekeychain useprivilegedport userknownhostsfile2 useroaming usersh verifyhostkeydns
  versionaddendum visualhostkey warnweakcrypto xauthlocation`.split(/\s+/),
)
