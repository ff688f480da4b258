// A helper that costs its host next to nothing: many of them on one machine leave the cores to who is measured.
import { writeFileSync } from 'node:fs'
import type { Hello, Sample } from '../../../src/shared/contract/index.ts'

/** In Perl, which every Debian has and which starts in milliseconds: answers `hello` and `sample`, and nothing else. */
const program = String.raw`#!/usr/bin/perl
$| = 1;
my %answers = (hello => 'HELLO', sample => 'SAMPLE');
print "singleton-helper PROTOCOL DIGEST\n";
while (defined(my $header = <STDIN>)) {
  next unless $header =~ /^Content-Length: (\d+)/;
  <STDIN>;
  read(STDIN, my $request, $1);
  my ($id) = $request =~ /"id":(\d+)/ or next;
  my ($method) = $request =~ /"method":"(\w+)"/ or next;
  my $answer = qq({"jsonrpc":"2.0","id":$id,"result":$answers{$method}});
  print "Content-Length: ", length($answer), "\r\n\r\n", $answer;
}
`

/** What it answers. */
export interface LightHelper {
  readonly hello: Hello
  readonly sample: Sample
}

/** Both answers in ASCII, as they are. */
export function writeLightHelper(path: string, { hello, sample }: LightHelper): void {
  const quoted = (value: unknown) => JSON.stringify(value).replaceAll('\\', '\\\\').replaceAll("'", "\\'")
  const text = program
    .replace('HELLO', () => quoted(hello))
    .replace('SAMPLE', () => quoted(sample))
    .replace('PROTOCOL', String(hello.protocol))
    .replace('DIGEST', hello.buildDigest)
  writeFileSync(path, text, { mode: 0o700 })
}
