// Reads texts as a JSON list, writes what the reference parser of EIP-4361 and viem's parser read from each.
import { readFileSync } from "node:fs";
import { ParsedMessage } from "@spruceid/siwe-parser";
import { parseSiweMessage } from "viem/siwe";

console.log(
  JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map((text) => ({ siwe: new ParsedMessage(text), viem: parseSiweMessage(text) }))),
);
