// Writes the published entropies of BIP-39's vectors (Trezor's) as phrases of all ten lists, with their seeds, by
// @scure/bip39: `node bip39.mjs > ../../redaction/bip39_vectors.json`.
import { entropyToMnemonic, mnemonicToSeedSync } from "@scure/bip39";

const bytes = [16, 24, 32].flatMap((length) => ["00", "7f", "80", "ff"].map((byte) => byte.repeat(length)));
const entropies = [
  ...bytes,
  "9e885d952ad362caeb4efe34a8e91bd2",
  "6610b25967cdcca9d59875f5cb50b0ea75433311869e930b",
  "68a79eaca2324873eacc50cb9c6eca8cc68ea5d936f98787c60c7ebc74e6ce7c",
  "c0ba5a8e914111210f2bd131f3d5e08d",
  "6d9be1ee6ebd27a258115aad99b7317b9c8d28b6d76431c3",
  "9f6a2878b2520799a44ef18bc7df394e7061a224d2c33cd015b157d746869863",
  "23db8160a31d3e0dca3688ed941adbf3",
  "8197a4a47f0425faeaa69deebc05ca29c0a5b5cc76ceacc0",
  "066dca1a2bb7e8a1db2832148ce9933eea0f3ac9548d793112d9a95c9407efad",
  "f30f8c1da665478f49b001d94c5fc452",
  "c10ec20dc3cd9f652c7fac2f1230f7a3c828389a14392f05",
  "f585c11aec520db57dd353c69554b21a89b20fb0650966fa0a9d6f74fd989d8f",
];
const lists = [
  "english", "japanese", "korean", "spanish", "simplified-chinese", "traditional-chinese", "french", "italian", "czech",
  "portuguese",
];
const vectors = {};
for (const name of lists) {
  const { wordlist } = await import(`@scure/bip39/wordlists/${name}.js`);
  const language = name.includes("-") ? name.split("-").reverse().join("_") : name;
  vectors[language] = entropies.map((entropy) => {
    const phrase = entropyToMnemonic(Buffer.from(entropy, "hex"), wordlist);
    return { entropy, phrase, seed: Buffer.from(mnemonicToSeedSync(phrase, "TREZOR")).toString("hex") };
  });
}
console.log(JSON.stringify(vectors, null, 1));
