// Gives a CTRF document and a TAP document to their readers: node .ci/formats.mjs CTRF TAP, with the packages in FORMATS_NPM.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const folder = process.env.FORMATS_NPM;
const require = createRequire(folder + '/package.json');
const [ctrfFile, tapFile] = process.argv.slice(2);
const want = (ok, what) => {
  if (!ok) {
    console.error('formats: ' + what);
    process.exit(1);
  }
};

const { validate } = await import(pathToFileURL(require.resolve('ctrf')));
const document = JSON.parse(readFileSync(ctrfFile));
const { valid, errors } = validate(document);
want(valid, 'CTRF: ' + JSON.stringify(errors));
const { summary, tests } = document.results;
for (const status of ['passed', 'failed', 'skipped']) {
  want(summary[status] === tests.filter((t) => t.status === status).length, 'CTRF: the summary counts ' + summary[status] + ' ' + status);
}
want(summary.failed > 0 && summary.flaky === tests.filter((t) => t.flaky).length && summary.flaky === 1, 'CTRF: want one flaky test, got ' + summary.flaky);

let parsed;
try {
  parsed = execFileSync(folder + '/node_modules/.bin/tap-parser', ['-j'], { input: readFileSync(tapFile), maxBuffer: 1 << 28 });
  want(false, 'TAP: a run that failed is ok');
} catch (e) {
  parsed = e.stdout;
}
let points = 0;
const walk = (events) => {
  for (const [kind, ...rest] of events) {
    want(kind !== 'extra', 'TAP: not understood: ' + JSON.stringify(rest));
    if (kind === 'child') walk(rest[0]);
    if (kind === 'assert' && !rest[0].closingTestPoint) {
      points++;
      want(!rest[0].tapError, 'TAP: ' + JSON.stringify(rest[0].tapError));
      want(rest[0].ok || (rest[0].diag && rest[0].diag.message && rest[0].diag.details), 'TAP: no diagnostic: ' + rest[0].name);
    }
    if (kind === 'complete') want(rest[0].failures.every((f) => !f.tapError), 'TAP: ' + JSON.stringify(rest[0].failures));
  }
};
walk(JSON.parse(parsed));
want(points === summary.tests, `TAP: got ${points} points, want ${summary.tests}`);
