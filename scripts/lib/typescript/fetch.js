// Writes what an address answers into a file.

import { writeFileSync } from "node:fs";

const [address, file] = process.argv.slice(2);
const answer = await fetch(address);
if (!answer.ok) {
  throw new Error(`${address}: ${answer.status}`);
}
writeFileSync(file, await answer.text());
