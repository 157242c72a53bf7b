"""Sentences that the engine makes, known again by their English form and said in any language.

The engine speaks English alone: reasons of a plan, remarks of the director, findings about a file.
Each row is the form of one such sentence; what fits none is shown as it came. A test holds the rows
to the engine's own words, so that a sentence changed there is noticed here.
"""

import re
from functools import cache

from bot.kinds import kind, rating
from bot.texts import ENGLISH, Wording, current, wording

OURS = frozenset({"how", "known", "problem", "what", "who"})
"""Facts that are sentences of the engine themselves."""
MOST_CHARS = 1000
"""Longer ones are no sentences of ours, and searching them would take long."""

PHRASES: tuple[Wording, ...] = (
    # reasons of a plan
    wording("phrase.named", "you named it"),
    wording("phrase.as_before", "as in the last picture"),
    wording("phrase.made_for_it", "{names} is made for it"),
    wording("phrase.all_made_for_it", "{names} are made for it"),
    wording("phrase.asked", "you asked for it"),
    wording("phrase.asked_for", "you asked for {what}"),
    wording("phrase.nearest", "the nearest to {aspect} that {family} offers"),
    wording("phrase.kept", "you named it or kept it"),
    wording("phrase.that_many", "you asked for that many"),
    wording("phrase.not_taught", "left out: {family} was never taught its words"),
    wording("phrase.in_words", "you asked for this look; it needs no LoRA and adds: {words}"),
    wording(
        "phrase.not_allowed", "left out: it is rated {rating}, which this place does not allow"
    ),
    wording("phrase.strength_learned", "strength learned"),
    wording("phrase.you_strong", "you found it too strong before: {weight} instead of {alone}"),
    wording("phrase.you_weak", "you found it too weak before: {weight} instead of {alone}"),
    wording(
        "phrase.all_strong",
        "people here found it too strong before: {weight} instead of {alone}",
    ),
    wording("phrase.all_weak", "people here found it too weak before: {weight} instead of {alone}"),
    wording("phrase.few_steps", "a {kind} look draws in few steps"),
    wording("phrase.few_by_itself", "{title} draws in few steps by itself"),
    wording("phrase.few_use", "{title} draws in few steps, use 0.8 to 1.0"),
    wording(
        "phrase.too_many_steps",
        "you asked for {steps} steps: {title} was made for {few}, more take longer and may burn "
        "the picture",
    ),
    wording(
        "phrase.too_much_guidance",
        "you asked for guidance {guidance}: {title} was made for {little}, more may burn the "
        "picture",
    ),
    wording("phrase.no_clip_skip", "left out: {family} knows no clip skip"),
    wording("phrase.most_here", "you asked for {count}: {number} at a time is the most here"),
    wording(
        "phrase.left_out_rated",
        "I left out {name}: it is rated {rating}, which this place does not allow.",
    ),
    wording(
        "phrase.nothing_before",
        "That was the first picture of this talk: there is none to go back to.",
    ),
    wording("phrase.new_seed", "a new seed: everything else as before"),
    wording("phrase.overdone", "you said that the last picture looked overdone"),
    wording("phrase.varied", "the same picture, its noise turned a little"),
    wording("phrase.no_negative", "left out: {family} knows no negative prompt"),
    wording("phrase.not_wanted", "you don't want it"),
    wording("phrase.said", "you said \u201c{said}\u201d"),
    wording("phrase.was_in", "it was in the last picture"),
    wording("phrase.own_default", "you chose it as your own default"),
    wording("phrase.place_default", "it is the default look of this place"),
    wording("phrase.weight_asked", "weight as you asked"),
    wording("phrase.leads", "leads in a stack of {size}: {weight} instead of {alone}"),
    wording("phrase.follows", "follows in a stack of {size}: {weight} instead of {alone}"),
    wording("phrase.by_hand", "you set it by hand"),
    wording("phrase.taken_out", "you took it out"),
    wording("phrase.mended", "\u201c{said}\u201d mended to \u201c{trigger}\u201d"),
    wording("phrase.in_front", "trigger \u201c{trigger}\u201d put in front"),
    wording("phrase.in_place", "trigger \u201c{trigger}\u201d in place of \u201c{said}\u201d"),
    wording("phrase.added", "trigger \u201c{trigger}\u201d added"),
    wording("phrase.shifts", "made for {lora}: on {base} the look may shift"),
    wording("phrase.may_shift", "made for {lora}: the look may shift"),
    wording("phrase.velocity", "made for {lora}: {base} predicts another way, colours may break"),
    wording("phrase.schnell", "made for {lora}: schnell draws in few steps, use 0.8 to 1.0"),
    wording("phrase.modulation", "made for FLUX.1: modulation layers are dropped"),
    wording("phrase.speed", "a speed LoRA: it needs its own number of steps and guidance"),
    wording(
        "phrase.reader_down", "the language model did not answer, so I read your words by rules"
    ),
    wording(
        "phrase.reader_paused",
        "the language model is resting after failures, so I read your words by rules",
    ),
    wording(
        "phrase.reader_spent",
        "this place has used up its language model for now, so I read your words by rules",
    ),
    wording(
        "phrase.reader_absurd",
        "the language model's answer made no sense, so I read your words by rules",
    ),
    wording("phrase.too_strong", "too strong"),
    wording("phrase.too_weak", "too weak"),
    wording("phrase.few_steps", "a {kind} look draws in few steps"),
    wording("phrase.no_clip_skip", "left out: {family} knows no clip skip"),
    wording("phrase.most_here", "you asked for {count}: {number} at a time is the most here"),
    wording("phrase.attention", "made for SD3.5 medium: works only without its second attention"),
    # what a reason is about
    wording("phrase.choice.base", "base"),
    wording("phrase.choice.look", "look"),
    wording("phrase.choice.in_words", "look in words"),
    wording("phrase.choice.prompt", "prompt"),
    wording("phrase.choice.negative", "negative prompt"),
    wording("phrase.choice.size", "size"),
    wording("phrase.choice.steps", "steps"),
    wording("phrase.choice.guidance", "guidance"),
    wording("phrase.choice.scheduler", "scheduler"),
    wording("phrase.choice.seed", "seed"),
    wording("phrase.choice.count", "count"),
    wording("phrase.choice.weights", "weights"),
    wording("phrase.choice.variation", "variation"),
    wording("phrase.choice.clip_skip", "clip skip"),
    wording("phrase.choice.pace", "pace"),
    wording("phrase.choice.reader", "reader"),
    wording("phrase.choice.rules", "rules"),
    wording("phrase.choice.your_words", "your words"),
    # what the director says
    wording("phrase.tell_me", "Tell me what you would like to see, in plain words."),
    wording("phrase.hello", "Hello! What would you like to see?"),
    wording("phrase.welcome", "You are welcome!"),
    wording("phrase.i_draw", "I draw pictures from your words. What would you like to see?"),
    wording("phrase.what_in_it", "What shall be in the picture?"),
    wording("phrase.go_on", "All right. Say what to change, or what to draw next."),
    wording(
        "phrase.no_training",
        "I can't train LoRAs here yet. A moderator can add a finished LoRA file, and I can "
        "already describe a look in words: what should it look like?",
    ),
    wording("phrase.no_look_for", "I found no look for \u201c{query}\u201d."),
    wording(
        "phrase.pictures_only",
        "I only know about pictures and looks. What would you like to see?",
    ),
    wording("phrase.no_look_called", "I know no look called \u201c{name}\u201d here."),
    wording("phrase.close_ones", "Close ones: {names}."),
    wording("phrase.good", "Good to hear. Say what to change, or what to draw next."),
    wording("phrase.bad", "Noted. Say what to change, or \u201cagain\u201d for another try."),
    wording(
        "phrase.gentler", "Noted: say \u201cagain\u201d and I draw it with every look gentler."
    ),
    wording("phrase.less", "Noted: the next one gets less of it."),
    wording("phrase.more", "Noted: the next one gets more of it."),
    wording(
        "phrase.not_alike",
        "Noted: say \u201cagain\u201d for another try, or ask for more of it.",
    ),
    wording(
        "phrase.nothing_to_change",
        "There is no picture to change yet. What would you like to see?",
    ),
    wording(
        "phrase.nothing_again", "There is nothing to draw again yet. What would you like to see?"
    ),
    wording(
        "phrase.no_upscale",
        "I can't upscale yet. Say a larger size, such as 1344x768, and I draw it again at that "
        "size with the same seed.",
    ),
    wording("phrase.nothing_to_delete", "There is no picture of yours here to delete."),
    wording("phrase.eased", "You said it looked overdone, so every look is gentler now."),
    wording("phrase.gone", "{names} is no longer among the looks here."),
    wording("phrase.read_as", "I read \u201c{said}\u201d as {name}."),
    wording("phrase.left_out", "There is no look called \u201c{name}\u201d here; I left it out."),
    wording(
        "phrase.could_mean",
        "\u201c{said}\u201d could mean the look {name}. Shall I use it?",
    ),
    wording("phrase.could_be", "\u201c{said}\u201d could be {names}. Which one do you mean?"),
    wording("phrase.shall_i", "Shall I use {names}?"),
    wording("talk.no_reference", "I can't look at pictures yet, so I went by your words alone."),
    # what would work
    wording("phrase.valid.one_of_own", "to be the one who asked for it"),
    wording("phrase.valid.cancel", "cancel {job}"),
    wording("phrase.valid.delete", "delete {job}"),
    wording("phrase.valid.at_once", "at most {most} at once"),
    wording("phrase.valid.pixels", "at most {most} pixels"),
    wording("phrase.valid.chars", "at most {most} characters"),
    wording("phrase.valid.most", "at most {most}"),
    wording("phrase.valid.range", "{least} to {most}"),
    wording("phrase.valid.or_nothing", "{least} to {most}, or nothing to leave it out"),
    wording("phrase.valid.words", "a few words about the picture"),
    wording("phrase.valid.few_words", "a few words"),
    wording("phrase.valid.told", "a few words that its sender is told"),
    wording("phrase.valid.decided", "an entry that was decided"),
    wording("phrase.valid.nobody", "nothing here: nobody can be asked"),
    wording("phrase.valid.later", "a moment later, when its preview is finished"),
    wording("phrase.valid.say_base", "said first, with edit: {possible}"),
    wording("phrase.valid.no_choice", "{family}: its layers leave no choice"),
    wording("phrase.valid.files", "at most {most} of yours until decided"),
    wording("phrase.valid.link", "an https link to one of these sites: {allowed}"),
    wording("phrase.valid.new_link", "a new one: /lora add"),
    wording("phrase.valid.free_name", "a name not taken here, such as {name}"),
    wording("phrase.valid.taken", "a name not taken in this space"),
    wording("phrase.valid.answer", "a few words, or person=, brand=, consent=, licence="),
    wording("phrase.valid.over", "an entry that was rejected or retired"),
    wording("phrase.valid.taken_often", "another name: this one is taken many times"),
    wording("phrase.valid.no_look_has", "a name that no look here has"),
    # findings about a file
    wording("phrase.finding.says", "{name} says: {words}"),
    wording("phrase.finding.layout", "{algorithm} in the {format} layout"),
    wording("phrase.finding.layout_rank", "{algorithm} in the {format} layout, rank {rank}"),
    wording("phrase.finding.made_for", "Made for {base}: {what}, {modules} layers."),
    wording("phrase.finding.careful", "Careful: {problem}"),
    wording("phrase.finding.relative", "Careful on {base}: {problem}."),
    wording(
        "phrase.finding.claimed",
        "Where it comes from it is called a LoRA for {claimed}: its layers decide.",
    ),
    wording(
        "phrase.finding.no_base",
        "Its base can't be told from the file ({possible}): a moderator has to say it.",
    ),
    wording("phrase.finding.no_licence", "Nobody said yet under which licence it may be used."),
    wording("phrase.finding.rated", "It is rated {rating}."),
    wording("phrase.finding.triggers", "The file names its trigger: {words}."),
    wording(
        "phrase.finding.said_triggers",
        "The file names no trigger; who brought it says {words}.",
    ),
    wording("phrase.finding.no_trigger", "Neither the file nor who brought it names a trigger."),
    wording("phrase.finding.person", "It shows a real person; {who}."),
    wording("phrase.finding.brand", "It shows a brand or a protected character."),
    wording("phrase.finding.failed", "The preview at {title} could not be drawn: {problem}."),
    wording(
        "phrase.finding.wakes",
        "Its trigger \u201c{word}\u201d wakes it: without, it changes much less.",
    ),
    wording(
        "phrase.finding.wakes_not",
        "Without its trigger \u201c{word}\u201d it changes the picture about as much: the sheet "
        "shows whether that is what it is for.",
    ),
    wording(
        "phrase.finding.nothing",
        "At {column} the pictures are those of the base alone ({percent} of the range): it does "
        "nothing.",
    ),
    wording(
        "phrase.finding.faint",
        "At {column} it changes the pictures only faintly ({percent} of the range).",
    ),
    wording(
        "phrase.finding.strong",
        "At {column} it overwhelms the pictures ({percent} of the range): a lower weight may be "
        "better.",
    ),
    wording(
        "phrase.finding.clear",
        "At {column} it changes the pictures clearly ({percent} of the range).",
    ),
    wording(
        "phrase.finding.proposed",
        "At weight 1 it moves what the base predicts by {one}; {known}: {weight} is proposed.",
    ),
    wording(
        "phrase.finding.agrees",
        "At weight 1 it moves what the base predicts by {one}; {known}: the named weight {weight} "
        "agrees with that.",
    ),
    wording(
        "phrase.finding.differs",
        "At weight 1 it moves what the base predicts by {one}; {known}: {weight} would follow, "
        "{named} is named.",
    ),
    wording("phrase.finding.not_measured", "Its strength could not be measured: {problem}."),
    wording("phrase.known.measured", "a {kind} is read best there at about {d}"),
    wording(
        "phrase.known.learned", "moderators here left others of its kind ({kind}) at about {d}"
    ),
    wording("phrase.known.assumed", "{d} is a first guess, not tried on this base"),
    wording(
        "phrase.finding.always_on",
        "Measured without its trigger \u201c{word}\u201d it goes {way} of the way: it is always "
        "on.",
    ),
    wording(
        "phrase.finding.part_way",
        "Measured without its trigger \u201c{word}\u201d it goes {way} of the way.",
    ),
    wording(
        "phrase.finding.moves_nothing",
        "measured, it moves what the base predicts by less than 1 %.",
    ),
    wording("phrase.problem.no_lora", "It is no LoRA: no layer has a LoRA's parts."),
    wording(
        "phrase.problem.unknown",
        "It looks like a LoRA, but in a way of naming layers that is not known here.",
    ),
    wording("phrase.problem.kind", "It is {title}: bring a LoRA, in the safetensors format."),
    wording("phrase.problem.zero", "All its layers are zero: it would change nothing."),
    wording("phrase.problem.nobody", "nobody said who allowed it"),
    wording("phrase.problem.allowed", "allowed by: {consent}"),
    wording("phrase.problem.not_finite", "the picture fell apart into numbers that are none"),
    wording("phrase.problem.no_layer", "it found no layer of the base to act on"),
    wording("phrase.problem.not_loaded", "the worker could not load it"),
    wording("phrase.problem.no_room", "the device had no room"),
    wording("phrase.problem.stopped", "the worker stopped"),
    wording("phrase.problem.taken_back", "it was taken back meanwhile"),
    # what else would work, notes under a picture, what is wrong with a file or a base
    wording("phrase.valid.word", "a word or a few words"),
    wording("phrase.valid.least", "at least {least}"),
    wording("phrase.valid.given", "to be given"),
    wording("phrase.valid.text", "words"),
    wording("phrase.valid.number", "a number"),
    wording("phrase.valid.another", "another value"),
    wording("phrase.valid.bytes", "at most {most} bytes"),
    wording("phrase.valid.range_bytes", "{least} to {most} bytes"),
    wording("phrase.valid.range_chars", "{least} to {most} characters"),
    wording("phrase.valid.synonyms", "at most 19 synonyms of at most 60 characters"),
    wording("phrase.valid.format", "a format such as portrait or 16:9"),
    wording("phrase.valid.word_kinds", "style, lighting, effect or concept"),
    wording("phrase.valid.begin", "begin with name and size"),
    wording("phrase.valid.announced", "what was announced"),
    wording("phrase.valid.again", "sent again from the beginning"),
    wording("phrase.valid.bundle", "a file written by `atelier lora export`"),
    wording("phrase.valid.keep", "keep {job}"),
    wording("phrase.valid.state_over", "nothing: it is {state}"),
    wording("phrase.valid.new_code", "a new one: /settings link on the other side"),
    wording(
        "phrase.note.no_weights", "this base knows no weights: the {what} was read as plain words"
    ),
    wording(
        "phrase.note.cut",
        "the {what} has {count} tokens, this base reads {longest}: it was cut at “{lost}”",
    ),
    wording(
        "phrase.note.half_read",
        "the {what} has {count} tokens, two of three encoders stop at {longest}: what begins at "
        "“{lost}” counts for less",
    ),
    wording("phrase.note.silent", "{some} of {all} layers of the stack were never run"),
    wording("phrase.stranger.pickle", "a pickle file"),
    wording("phrase.stranger.zip", "a zip archive (PyTorch's .pt, .ckpt and .bin are such)"),
    wording("phrase.stranger.empty", "an empty file"),
    wording("phrase.stranger.gguf", "a GGUF file"),
    wording("phrase.stranger.png", "a PNG picture"),
    wording("phrase.stranger.jpeg", "a JPEG picture"),
    wording("phrase.stranger.webp", "a WebP picture or another RIFF file"),
    wording("phrase.stranger.gif", "a GIF picture"),
    wording("phrase.stranger.pdf", "a PDF document"),
    wording("phrase.stranger.web", "a web page"),
    wording("phrase.stranger.json", "a JSON text"),
    wording("phrase.stranger.text", "a plain text"),
    wording("phrase.stranger.lfs", "a Git LFS pointer, which stands for a file not fetched"),
    wording("phrase.stranger.rar", "a RAR archive"),
    wording("phrase.stranger.7z", "a 7z archive"),
    wording("phrase.stranger.gzip", "a gzip archive"),
    wording("phrase.stranger.program", "a program"),
    wording("phrase.stranger.language", "a LoRA of a language or speech network, not of pictures"),
    wording(
        "phrase.problem.stranger",
        "It is {what}, not a safetensors file. Bring a LoRA as .safetensors.",
    ),
    wording(
        "phrase.problem.short",
        "It is too short to be a safetensors file. Download it or save it anew.",
    ),
    wording(
        "phrase.problem.more_claimed",
        "The header claims {count} bytes, more than the whole file has. Download "
        "it or save it anew.",
    ),
    wording(
        "phrase.problem.ended", "The file ended within its header. Download it or save it anew."
    ),
    wording(
        "phrase.problem.gap",
        "There is a gap or an overlap in the file before {name}. Download it or save it anew.",
    ),
    wording(
        "phrase.problem.not_json", "The header is not valid JSON. Download it or save it anew."
    ),
    wording("phrase.problem.damaged", "{what} Download it or save it anew."),
    wording(
        "phrase.problem.algorithm",
        "It is a {algorithm} file. A file of one of these would work: {works}.",
    ),
    wording(
        "phrase.problem.infinite",
        "It holds numbers that are infinite or not numbers at all: {name}.",
    ),
    wording("phrase.problem.widens", "It widens the layer that reads the picture: {name}."),
    wording("phrase.problem.not_in", "{some} of {all} layers are not in {base}: {name}."),
    wording(
        "phrase.problem.says_but",
        "The metadata say {value} ({key}), but the layers are those of {base}.",
    ),
    wording("phrase.problem.base_unknown", "its base can't be told: {possible}"),
    wording(
        "phrase.problem.card_says", "its card says {claimed}, but its layers are those of {family}"
    ),
    wording("phrase.problem.unreadable", "it can't be read"),
    wording("phrase.problem.changed", "it changed while it was read"),
    wording("phrase.fetch.larger_bytes", "{name} is larger than {most} bytes"),
    wording("phrase.fetch.too_large", "{name} is too large"),
    wording("phrase.fetch.gone_status", "{name} is gone ({status})"),
    wording("phrase.fetch.not_discord", "{name} is not on Discord"),
    wording("phrase.fetch.file_gone", "that file is gone"),
    wording("phrase.fetch.not_there", "it is not there any more"),
    wording("phrase.fetch.telegram", "Telegram can't be reached"),
    wording("phrase.fetch.most_mb", "larger than the {most} MB that I may fetch"),
    wording("phrase.fetch.not_ours", "it is on the disk of a Bot API server that is not ours"),
    wording("phrase.fetch.not_readable", "the Bot API server keeps it where I can't read"),
    wording("phrase.base.gguf", "its GGUF header is damaged ({why})"),
    wording("phrase.base.anew", "Download it anew"),
    wording("phrase.base.save_anew", "Save it anew"),
    wording("phrase.base.down_save", "Download or save it anew"),
    wording("phrase.base.add_again", "Add it again"),
    wording("phrase.base.no_revision", "it has no such revision"),
    wording("phrase.base.branch", "Name a branch, a tag or a commit that its page lists"),
    wording(
        "phrase.base.agree", "Agree on its page and set ATELIER_ENGINE__REGISTRY__HUGGINGFACE_KEY"
    ),
    wording("phrase.base.terms", "its makers let nobody have it who has not agreed to their terms"),
    wording("phrase.base.no_repo", "the hub has no such repository, or it is private"),
    wording(
        "phrase.base.check_name",
        "Check its name; for a private one set ATELIER_ENGINE__REGISTRY__HUGGINGFACE_KEY",
    ),
    wording("phrase.base.no_file", "it has no file {file}"),
    wording("phrase.base.has", "It has: {files}"),
    wording(
        "phrase.base.pickle", "{name} is a pickle, which runs whatever is in it when it is opened"
    ),
    wording(
        "phrase.base.take_safe",
        "Take the .safetensors of the same base: most makers offer it; else "
        "convert it on a machine that holds nothing of value",
    ),
    wording("phrase.base.nothing", "nothing is there"),
    wording("phrase.base.no_object", "{name} is no object"),
    wording("phrase.base.neither", "it has neither a unet nor a transformer with weights"),
    wording("phrase.base.whole", "Fetch the whole repository, with its sub-folders"),
    wording("phrase.base.no_folder", "{index} names {part}, and there is no such folder"),
    wording("phrase.base.no_weights", "{part} has no weights"),
    wording("phrase.base.weights_too", "Fetch its .safetensors files, too"),
    wording(
        "phrase.base.packed",
        "its {name} is packed by {method}, whose package is not part of Atelier",
    ),
    wording(
        "phrase.base.unpacked",
        "Take the unpacked base, with --dtype fp8 where memory is short, or its GGUF",
    ),
    wording("phrase.base.not_whole", "{file} is not a whole safetensors file ({why})"),
    wording("phrase.base.lacks", "it holds no {part}"),
    wording(
        "phrase.base.whole_first",
        "Add a whole {family} base first, or name a folder with these parts: --parts",
    ),
    wording(
        "phrase.base.whole_from",
        "Add a whole {family} base first, or name a folder with these parts: --parts. On the hub "
        "{repository} has them: {folders}",
    ),
    wording("phrase.base.neither_here", "it is no base here and no diffusers folder"),
    wording(
        "phrase.base.parts", "--parts takes the name of a base or a folder with model_index.json"
    ),
    wording(
        "phrase.base.nearest",
        "it is no whole base; nearest is {family}: {found} of {all} layers, and {differs}",
    ),
    wording(
        "phrase.base.relative", "If it is a pruned or changed relative, say so: --family {family}"
    ),
    wording("phrase.base.cannot_draw", "it is {family}, which nothing here can draw with"),
    wording("phrase.base.drawable", "What can be drawn with: {families}"),
    wording("phrase.base.name_it", "Name {offered}"),
    wording("phrase.base.letters", "letters, digits, dots and dashes"),
    wording("phrase.base.has_no", "it has no {file}"),
    wording("phrase.valid.versions", "for {base}: {versions}"),
    wording("phrase.valid.in_words", "the name of a look in words"),
    wording("phrase.valid.earlier", "what an earlier page gave"),
    wording("phrase.valid.day", "a day like 2026-11-25"),
    wording("phrase.valid.decisions", "approve, reject, ask, retire or undo"),
    wording("phrase.valid.bytes_number", "a number of bytes"),
    wording("phrase.valid.words_or_command", "words or a command"),
    wording("phrase.valid.words_or_picture", "a few words, or a picture"),
    wording("phrase.valid.object", "a JSON object"),
    # health, states and reasons of decisions
    wording("phrase.doctor.database", "database"),
    wording("phrase.doctor.blobs", "blobs"),
    wording("phrase.doctor.workers", "workers"),
    wording("phrase.doctor.ok", "ok"),
    wording("phrase.doctor.up", "{count} up"),
    wording("phrase.doctor.up_down", "{count} up; down: {why}"),
    wording("phrase.doctor.upgrade", "run `atelier db upgrade`, or see the detail"),
    wording("phrase.doctor.free", "free space or fix the permissions"),
    wording("phrase.doctor.wait", "wait for the start, or run `atelier doctor`"),
    wording("phrase.doctor.starting", "starting"),
    wording("phrase.doctor.idle", "idle"),
    wording("phrase.doctor.busy", "busy"),
    wording("phrase.doctor.down", "down"),
    wording("phrase.because.taken_back", "taken back"),
    wording("phrase.because.newer", "a newer version is here"),
    wording("phrase.because.left", "the place that it came along with has left"),
    wording("phrase.because.intake", "approved at intake"),
    wording("phrase.because.broken", "broken numbers (NaN or infinity) in {what}"),
    wording("phrase.because.the_file", "the file"),
    wording("phrase.because.its_output", "its output"),
    wording("phrase.because.imported", "imported"),
    wording("state.pending", "pending"),
    wording("state.approved", "approved"),
    wording("state.rejected", "rejected"),
    wording("state.retired", "retired"),
    wording(
        "phrase.base.layers_packed", "its layers are packed: {how}, which nothing here unpacks"
    ),
    wording(
        "phrase.base.take_plain",
        "Take it in bf16, fp16 or fp8 (with --dtype fp8 where memory is short), or its GGUF",
    ),
    wording("phrase.base.no_weights_for", "there are no weights for {part} in it, nor in {other}"),
    # what options take
    wording("valid.size", "like 64x64, or 64"),
    wording("valid.whole", "a whole number, 0 or more"),
    wording("valid.id", "the id that stands under a picture, like k7hd2m9q"),
    wording("valid.look", "a name from /looks"),
    wording("valid.your_words", "your words, at most {most} characters"),
    wording("valid.words", "words, at most {most} characters"),
)


def phrase(text: str) -> str:
    """One sentence of the engine in the language at hand; itself when it is not known."""
    if current() == ENGLISH or len(text) > MOST_CHARS:
        return text
    exact = _exact().get(text)
    if exact is not None:
        return exact.say()
    for pattern, known in _patterns():
        found = pattern.fullmatch(text)
        if found is not None:
            return known.say(
                **{name: _fact(name, each) for name, each in found.groupdict().items()}
            )
    return text


def phrases(text: str) -> str:
    """Several of them, one after the other; one of ours has up to three sentences."""
    if current() == ENGLISH:
        return text
    left, told = _SENTENCES.split(text), []
    while left:
        for size in (1, 2, 3):
            said = " ".join(left[:size])
            known = phrase(said)
            if known != said:
                break
        else:
            known, size = left[0], 1
        told.append(known)
        left = left[size:]
    return " ".join(told)


def clauses(text: str) -> str:
    """Reasons that are joined by semicolons."""
    if current() == ENGLISH:
        return text
    whole = phrase(text)
    return whole if whole != text else "; ".join(phrase(each) for each in text.split("; "))


def _fact(name: str, value: str) -> str:
    """A fact may be a sentence of ours itself; names of people and looks never are."""
    if name == "rating":
        return rating(value)
    if name == "kind":
        return kind(value)
    return phrase(value) if name in OURS else value


_SENTENCES = re.compile(r"(?<=[.?!]) (?=[A-Z\u201c])")
_FACT = re.compile(r"\\\{(\w+)\\\}")


@cache
def _exact() -> dict[str, Wording]:
    return {each.english: each for each in PHRASES if "{" not in each.english}


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], Wording], ...]:
    """Those with the most words of their own first: "{least} to {most}" fits nearly anything."""
    own = {each: _FACT.sub("", re.escape(each.english)) for each in PHRASES}
    ordered = sorted((each for each in PHRASES if "{" in each.english), key=lambda e: -len(own[e]))
    return tuple(
        (re.compile(_FACT.sub(r"(?P<\1>.+?)", re.escape(each.english)), re.DOTALL), each)
        for each in ordered
    )
