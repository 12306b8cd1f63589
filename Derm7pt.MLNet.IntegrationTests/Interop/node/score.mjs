// Scores pixels with an exported model in onnxruntime-node.
// node score.mjs <model.onnx> <pixels.bin> <count> <height> <width> <outputs.json>
import { readFile, writeFile } from 'node:fs/promises';

// ONNX Runtime reads this variable when it is loaded, so it is set before the import. Set it to 0 to allow telemetry.
process.env.ORT_DISABLE_TELEMETRY ??= '1';
const { InferenceSession, Tensor } = await import('onnxruntime-node');

const [model, pixelsFile, count, height, width, outputsFile] = process.argv.slice(2);
const dims = [Number(count), 3, Number(height), Number(width)];

// Float32Array needs aligned bytes, and a slice of Node's buffer pool may not be aligned.
const bytes = Uint8Array.from(await readFile(pixelsFile));
const pixels = new Tensor('float32', new Float32Array(bytes.buffer), dims);

const session = await InferenceSession.create(model);
const results = await session.run({ Pixels: pixels });

const outputs = Object.fromEntries(
  session.outputNames.map((name) => [name, { dims: results[name].dims, values: Array.from(results[name].data, Number) }]),
);
await writeFile(outputsFile, JSON.stringify(outputs));
