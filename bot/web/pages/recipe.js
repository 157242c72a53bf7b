// Reads the recipe inside a picture that was made here.

import { address, postFile } from "/static/api.js";
import { buttonOf } from "/static/buttons.js";
import { el, fill, toast } from "/static/dom.js";
import { planBones, planProblem, planView } from "/static/plan.js";
import { openSheet } from "/static/sheet.js";
import { state } from "/static/store.js";
import { t } from "/static/texts.js";
import { sizeText } from "/static/times.js";

/**
 * @param {string} place @param {File} file
 * @param {{press: (button: string) => Promise<boolean>}} acts
 */
export async function openRecipe(place, file, acts) {
  const most = state.limits.upload_bytes;
  if (most && file.size > most)
    return toast(t("page.recipe.large", "{name} is larger than {most}. A smaller one works.", { name: file.name, most: sizeText(most) }), "bad");
  const url = URL.createObjectURL(file);
  const shown = el("img", { src: url, alt: t("page.recipe.dropped", "The picture that was dropped"), class: "recipe-picture" });
  shown.addEventListener("error", () => shown.remove());
  const rest = el("div", {}, planBones());
  const sheet = openSheet({
    title: t("page.recipe", "Recipe"),
    look: "sheet",
    content: [shown, rest],
    onClose: () => URL.revokeObjectURL(url),
  });
  try {
    const { recipe } = await postFile(address("/api/recipe", { place }), file);
    show(sheet, rest, recipe, acts);
  } catch (error) {
    fill(
      rest,
      planProblem(
        error.status === 404
          ? t("page.recipe.nothing", "There is no recipe in this picture. Originals made here hold one: use “Download original” to save them.")
          : error.message,
      ),
    );
  }
}

function show(sheet, rest, recipe, acts) {
  const where = recipe.is_here ? t("page.recipe.here", "Made here as {job}", { job: recipe.job }) : t("page.recipe.elsewhere", "Not made in this place");
  fill(
    rest,
    el("p", { class: "quiet by" }, where),
    planView(recipe.plan, { parameters: recipe.parameters }),
    el(
      "div",
      { class: "buttons sheet-buttons" },
      recipe.buttons.map((button) =>
        buttonOf(button, async () => {
          try {
            if (await acts.press(button.id)) sheet.close();
          } catch (error) {
            toast(error.message, "bad");
          }
        }),
      ),
    ),
  );
}
