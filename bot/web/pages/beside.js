// Files that other programs keep beside a LoRA: sorted to the file whose name they carry.

const ENDINGS = [".civitai.info", ".metadata.json", ".cm-info.json", ".json"];
const MOST_BYTES = 700_000;
const MOST_FILES = 4;
const PICTURES = /\.(png|jpe?g|webp|gif|mp4|txt|md)$/i;

/** @param {string} name */
export function isBeside(name) {
  return ENDINGS.some((ending) => name.toLowerCase().endsWith(ending));
}

/** What a LoRA's and its companions' names have in common. @param {string} name */
export function stemOf(name) {
  const low = name.toLowerCase();
  const ending = [...ENDINGS, ".safetensors"].find((each) => low.endsWith(each)) ?? "";
  return low.slice(0, low.length - ending.length).replace(/[^\p{L}\p{N}]/gu, "");
}

/**
 * Which of the chosen files are LoRAs, and what lies beside each; `left` belongs to none.
 * @param {File[]} files
 */
export function sortOut(files) {
  const told = files.filter((file) => isBeside(file.name));
  const loras = files.filter((file) => !isBeside(file.name) && !PICTURES.test(file.name));
  const left = files.filter((file) => PICTURES.test(file.name));
  const taken = new Set();
  const found = loras.map((file) => {
    const mine = loras.length === 1 ? told : told.filter(({ name }) => stemOf(name) === stemOf(file.name));
    for (const each of mine) taken.add(each);
    return { file, beside: mine.slice(0, MOST_FILES) };
  });
  return { loras: found, free: told.filter((each) => !taken.has(each)), left };
}

/** The texts of such files by name, as far as they fit into one request. @param {File[]} files */
export async function textsOf(files) {
  let room = MOST_BYTES;
  const small = files.slice(0, MOST_FILES).filter(({ size }) => (room -= size) >= 0);
  return Object.fromEntries(await Promise.all(small.map(async (file) => [file.name, await file.text()])));
}
