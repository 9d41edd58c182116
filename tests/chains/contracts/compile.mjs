// Compiles the contracts: `node compile.mjs` writes the artefacts, `node compile.mjs --check` compares them.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const solc = createRequire(new URL("../node/package.json", import.meta.url))("solc");
const root = new URL("../../../", import.meta.url);
const wanted = {
  "src/holdfast/chains/contracts/ValidateSignature": (made) => ({ bytecode: made.ValidateSignature }),
  "tests/chains/contracts/Wallets": (made) => ({ bytecode: made }),
};
const settings = {
  // Older chains do not know the instructions of later ones. No metadata: the code depends on the source only.
  evmVersion: "paris",
  optimizer: { enabled: true, runs: 200 },
  metadata: { appendCBOR: false, bytecodeHash: "none" },
  outputSelection: { "*": { "*": ["evm.bytecode.object"] } },
};
let differing = 0;
for (const [name, shape] of Object.entries(wanted)) {
  const content = readFileSync(new URL(`${name}.sol`, root), "utf8");
  const input = { language: "Solidity", sources: { source: { content } }, settings };
  const output = JSON.parse(solc.compile(JSON.stringify(input)));
  const errors = (output.errors ?? []).filter((error) => error.severity === "error");
  if (errors.length) throw new Error(errors.map((error) => error.formattedMessage).join("\n"));
  const made = Object.fromEntries(
    Object.entries(output.contracts.source).map(([contract, { evm }]) => [contract, evm.bytecode.object]),
  );
  const artefact = {
    compiler: solc.version(),
    source_sha256: createHash("sha256").update(content).digest("hex"),
    ...shape(made),
  };
  const file = fileURLToPath(new URL(`${name}.json`, root));
  const text = `${JSON.stringify(artefact, null, 2)}\n`;
  if (process.argv[2] !== "--check") writeFileSync(file, text);
  else if (readFileSync(file, "utf8") !== text) {
    console.error(`${name}.json is not what ${name}.sol compiles to`);
    differing += 1;
  }
}
process.exitCode = differing;
