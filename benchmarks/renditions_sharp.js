// The peer of renditions.py: sharp, fed the decoded pixels once. Arguments: master, list of sizes as JSON, folder, rounds.
// Prints one JSON line: seconds of the best round from file to files, its seconds of CPU, and sharp's versions.
const fs = require('fs');
const path = require('path');
const sharp = require(process.env.PRESSROOM_BENCH_SHARP);
const [master, sizes, folder, rounds] = [process.argv[2], JSON.parse(process.argv[3]), process.argv[4], +process.argv[5]];

async function round() {
  const started = process.hrtime.bigint(), before = process.cpuUsage();
  const { data, info } = await sharp(fs.readFileSync(master)).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const raw = { width: info.width, height: info.height, channels: info.channels };
  await Promise.all(sizes.map(([width, height], number) =>
    sharp(data, { raw }).resize(width, height, { fit: 'cover' }).jpeg({ quality: 85, progressive: true })
      .toFile(path.join(folder, `${number}.jpg`))));
  const busy = process.cpuUsage(before);
  return [Number(process.hrtime.bigint() - started) / 1e9, (busy.user + busy.system) / 1e6];
}

(async () => {
  sharp.cache(false);
  let best = Infinity, busy = 0, threads = 0;
  for (const count of [1, 2]) {
    sharp.concurrency(count);
    for (let i = 0; i < rounds; i += 1) {
      const [seconds, cpu] = await round();
      if (seconds < best) [best, busy, threads] = [seconds, cpu, count];
    }
  }
  console.log(JSON.stringify({ seconds: best, cpu_seconds: busy, threads, sharp: sharp.versions.sharp, vips: sharp.versions.vips }));
})();
