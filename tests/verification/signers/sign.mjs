// Signs with the chains' own libraries. Reads [{signer, seed, text}] as JSON, writes [{address, signature, key?}] as JSON;
// without a text only the address, which the text must name. Keys are SHA-256 of the seed, for tests only.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import * as secp from "@bitcoinerlab/secp256k1";
import * as kit from "@solana/kit";
import { Bytes, KeyType, PrivateKey } from "@wharfkit/antelope";
import { Signer } from "bip322-js";
import * as bitcoin from "bitcoinjs-lib";
import bitcoinMessage from "bitcoinjs-message";
import bs58 from "bs58";
import { ECPairFactory } from "ecpair";
import { Wallet } from "ethers";
import { TronWeb } from "tronweb";
import nacl from "tweetnacl";
import { privateKeyToAccount } from "viem/accounts";

bitcoin.initEccLib(secp);
const pairs = ECPairFactory(secp);
const base64 = (bytes) => Buffer.from(bytes).toString("base64");

function bitcoinPayment(kind, pair) {
  const pubkey = pair.publicKey;
  const { p2pkh, p2wpkh, p2sh, p2tr } = bitcoin.payments;
  if (kind === "p2pkh") return p2pkh({ pubkey }).address;
  if (kind === "p2wpkh") return p2wpkh({ pubkey }).address;
  if (kind === "p2sh") return p2sh({ redeem: p2wpkh({ pubkey }) }).address;
  return p2tr({ internalPubkey: pubkey.subarray(1) }).address;
}

const legacy = (kind, compressed, options) => (seed, text) => {
  const pair = pairs.fromPrivateKey(seed, { compressed });
  const address = bitcoinPayment(kind, pair);
  return { address, signature: text && base64(bitcoinMessage.sign(text, seed, compressed, options)) };
};
const bip322 = (kind) => (seed, text) => {
  const pair = pairs.fromPrivateKey(seed);
  const address = bitcoinPayment(kind, pair);
  const signed = text && Signer.sign(pair.toWIF(), address, text);
  return { address, signature: text && (typeof signed === "string" ? signed : base64(signed)) };
};
const solana = (body) => async (seed, text) => {
  const pair = nacl.sign.keyPair.fromSeed(seed);
  const address = bs58.encode(pair.publicKey);
  return { address, signature: text && bs58.encode(nacl.sign.detached(await body(Buffer.from(text), address), pair.secretKey)) };
};

function ledgerMessage(message) {
  const length = Buffer.alloc(2);
  length.writeUInt16LE(message.length);
  return Buffer.concat([Buffer.from("\xffsolana offchain", "latin1"), Buffer.from([0, 1]), length, message]);
}

function specifiedMessage(message, address) {
  return kit.compileOffchainMessageEnvelope({
    version: 0,
    applicationDomain: "11111111111111111111111111111111",
    content: kit.offchainMessageContentUtf8Of1232BytesMax(message.toString()),
    requiredSignatories: [{ address }],
  }).content;
}

const signers = {
  viem: async (seed, text) => {
    const account = privateKeyToAccount(`0x${seed.toString("hex")}`);
    return { address: account.address, signature: text && (await account.signMessage({ message: text })) };
  },
  ethers: async (seed, text) => {
    const wallet = new Wallet(`0x${seed.toString("hex")}`);
    return { address: wallet.address, signature: text && (await wallet.signMessage(text)) };
  },
  tronweb: async (seed, text) => {
    const key = seed.toString("hex");
    const address = TronWeb.address.fromPrivateKey(key);
    // Never asked for anything: signing needs no node.
    const tron = new TronWeb({ fullHost: "http://127.0.0.1:1", privateKey: key });
    return { address, signature: text && (await tron.trx.signMessageV2(text, key)) };
  },
  "tweetnacl, plain": solana((message) => message),
  "tweetnacl, Ledger's layout": solana(ledgerMessage),
  "tweetnacl, @solana/kit's off-chain message": solana(specifiedMessage),
  "@solana/kit, plain": async (seed, text) => {
    const signer = await kit.createKeyPairSignerFromPrivateKeyBytes(seed);
    const signed = text && (await kit.signBytes(signer.keyPair.privateKey, Buffer.from(text)));
    return { address: signer.address, signature: text && bs58.encode(signed) };
  },
  "bitcoinjs-message, p2pkh": legacy("p2pkh", true),
  "bitcoinjs-message, p2pkh of an uncompressed key": legacy("p2pkh", false),
  "bitcoinjs-message, p2wpkh": legacy("p2wpkh", true, { segwitType: "p2wpkh" }),
  "bitcoinjs-message, p2wpkh as Electrum": legacy("p2wpkh", true),
  "bitcoinjs-message, p2sh-p2wpkh": legacy("p2sh", true, { segwitType: "p2sh(p2wpkh)" }),
  "bitcoinjs-message, p2sh-p2wpkh as Electrum": legacy("p2sh", true),
  "bip322-js, p2wpkh": bip322("p2wpkh"),
  "bip322-js, p2sh-p2wpkh": bip322("p2sh"),
  "bip322-js, p2tr": bip322("p2tr"),
  "@wharfkit/antelope": (seed, text) => {
    const key = new PrivateKey(KeyType.K1, Bytes.from(seed));
    const address = key.toPublic().toString();
    return { address, key: key.toPublic().toLegacyString(), signature: text && key.signMessage(Bytes.from(text, "utf8")).toString() };
  },
};

const answers = [];
for (const { signer, seed, text } of JSON.parse(readFileSync(0, "utf8"))) {
  const key = createHash("sha256").update(seed).digest();
  answers.push(await signers[signer](key, text));
}
console.log(JSON.stringify(answers));
