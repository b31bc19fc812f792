// Runs collections with Newman's library and prints what it made of them. Reads a list of {name, collection, environment, globals,
// data, base, options} on standard input.
const newman = require(process.argv[2]);
const jobs = JSON.parse(require('fs').readFileSync(0, 'utf8'));

function run(job) {
  const options = {
    workingDir: require('path').dirname(job.collection),
    collection: job.collection, environment: job.environment || undefined, globals: job.globals || undefined, iterationData: job.data || undefined,
    envVar: [{key: 'base', value: job.base}], reporters: [], color: 'off',
    iterationCount: job.options.iterations, folder: job.options.folder,
  };
  return new Promise((resolve) => newman.run(options, (error, summary) => {
    if (error) {
      return resolve({name: job.name, error: String(error.message || error)});
    }
    const errors = summary.run.failures.filter((f) => !String(f.at).startsWith('assertion'))
      .map((f) => ({request: f.source && f.source.name, iteration: f.cursor.iteration, at: f.at, message: f.error.message}));
    resolve({name: job.name, errors, requests: summary.run.executions.map((e) => ({
      name: e.item.name, iteration: e.cursor.iteration, ref: e.cursor.ref,
      tests: (e.assertions || []).map((a) => ({
        name: a.assertion, outcome: a.skipped ? 'skipped' : a.error ? 'failed' : 'passed', message: a.error ? a.error.message : '',
      })),
    }))});
  }));
}

// late is what becomes of a run that does not end.
function late(job) {
  return new Promise((resolve) => setTimeout(() => resolve({name: job.name, error: 'Newman did not end within two minutes'}), 120000));
}

(async () => {
  const results = [];
  for (const job of jobs) {
    results.push(await Promise.race([run(job), late(job)]));
  }
  process.stdout.write(JSON.stringify(results), () => process.exit(0));
})();
