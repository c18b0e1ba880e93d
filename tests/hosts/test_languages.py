"""Code in other languages: what is found, where, and what is not."""

from __future__ import annotations

import pytest

from tests.hosts.support import TARGET, run, said

JS = """import OpenAI from "openai";
// made with dall-e-3
const openai = new OpenAI();
const answer = await openai.images.generate({
  model: "dall-e-3", prompt,
  quality: 'hd',
  style: "vivid",
  response_format: "url",
  size: `256x256`,
});
const url = answer.data[0]?.url;
const link = new URL(request.url);
"""
PLACES = [
    ("a.ts", JS, [("IMG001", 5), ("IMG003", 6), ("IMG005", 7), ("IMG006", 8), ("IMG004", 9), ("IMG044", 11)]),
    ("a.vue", "<script>\nawait openai.images.generate({ prompt })\n</script>\n", [("IMG002", 2)]),
    ("a.mjs", "// openai\nexport const draw = (body) => openai.images.generate(body)\n", [("IMG045", 2)]),
    (
        "a.php",
        "<?php\n# dall-e-2\n$a = $client->images()->create(['model' => 'dall-e-3', 'response_format' => 'url']);\n"
        "foreach ($a->data as $data) { echo $data->url; }\n",
        [("IMG001", 3), ("IMG006", 3), ("IMG044", 4)],
    ),
    (
        "a.rb",
        "a = client.images.generate(parameters: { prompt: p, model: 'dall-e-3', quality: 'hd' })\n"
        "puts a.dig(\"data\", 0, \"url\")\n",
        [("IMG001", 1), ("IMG003", 1), ("IMG044", 2)],
    ),
    (
        "a.go",
        "r, err := client.CreateImage(ctx, openai.ImageRequest{\n\tModel: openai.CreateImageModelDallE3,\n"
        "\tQuality: openai.CreateImageQualityHD,\n\tResponseFormat: openai.CreateImageResponseFormatURL,\n})\n"
        "return r.Data[0].URL, nil\n",
        [("IMG001", 2), ("IMG003", 3), ("IMG006", 4), ("IMG044", 6)],
    ),
    (
        "A.java",
        "String body = \"{\\\"model\\\": \\\"dall-e-3\\\", \\\"quality\\\": \\\"hd\\\"}\";\n"
        "post(\"https://api.openai.com/v1/images/generations\", body);\n",
        [("IMG001", 1), ("IMG003", 1)],
    ),
    (
        "A.cs",
        "ImageClient client = new(\"dall-e-3\", key);\nvar image = await client.GenerateImageAsync(p, new() {\n"
        "  Size = GeneratedImageSize.W256xH256, Style = GeneratedImageStyle.Vivid });\nSave(image.Value.ImageUri);\n",
        [("IMG001", 1), ("IMG004", 3), ("IMG005", 3), ("IMG044", 4)],
    ),
    (
        "a.rs",
        "let r = CreateImageRequestArgs::default().model(ImageModel::DallE3).quality(ImageQuality::HD).build()?;\n",
        [("IMG001", 1), ("IMG003", 1)],
    ),
    (
        "a.sh",
        "# draws with dall-e-2\ncurl https://api.openai.com/v1/images/generations -d '{\"model\": \"dall-e-3\",\n"
        "  \"size\": \"512x512\"}' | jq -r '.data[0].url'\n",
        [("IMG001", 2), ("IMG004", 3), ("IMG044", 3)],
    ),
    (
        "main.tf",
        "# dall-e-2\nenvironment = {\n  IMAGE_MODEL   = \"dall-e-3\"\n  IMAGE_QUALITY = \"hd\"\n}\n",
        [("IMG001", 3), ("IMG003", 4)],
    ),
    ("page.html", "<!-- dall-e-2 -->\n<option value='dall-e-3'>DALL·E 3</option>\n", [("IMG001", 2)]),
]  # fmt: skip


@pytest.mark.parametrize(("path", "text", "places"), PLACES, ids=[path for path, *_ in PLACES])
def test_what_has_to_change_is_named_where_it_stands(
    path: str, text: str, places: list[tuple[str, int]]
) -> None:
    done = run(path, text, unsafe=True)
    assert done.after is None
    assert sorted((one.rule, one.line) for one in done.findings) == sorted(places)
    assert {one.fix for one in done.findings} == {"manual"}
    assert all(one.message and one.suggestion for one in done.findings)


def test_the_first_finding_shows_the_new_way_in_the_same_language() -> None:
    first = run("a.rb", "client.images.generate(parameters: { model: 'dall-e-3' })\n").findings[0]
    assert (first.line, first.column) == (1, 46)
    assert f'model: "{TARGET}"' in first.suggestion
    assert "Base64.decode64" in first.suggestion


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.js", "const link = 'https://openai.com/product/dall-e-2';\n/* dall-e-3\n and dall-e-2 */\n"),
        ("a.js", "const css = { quality: 'hd', style: 'natural' };\nctx.createImageData(1, 1);\n"),
        ("a.tsx", "<p>We draw all of our pictures with dall-e-3 and love it</p>\n"),
        ("a.js", "const { url } = request; // openai\nfetch(url.data.url)\n"),
    ],
)
def test_comments_links_sentences_and_other_code_are_no_findings(path: str, text: str) -> None:
    assert said(run(path, text)) == []


def test_bundles_that_nobody_wrote_are_passed_over() -> None:
    assert said(run("main.js", "x='dall-e-3';" * 5_000)) == []


def test_tests_are_named_once() -> None:
    text = "generate({model: 'dall-e-3'});\ngenerate({model: 'dall-e-2'});\n"
    assert len(run("draw.test.ts", text).findings) == 1


def test_allow_lists_of_picture_hosts_are_no_longer_needed() -> None:
    text = "module.exports = { images: { domains: ['oaidalleapiprodscus.blob.core.windows.net'] } }\n"
    assert said(run("next.config.js", text)) == [("IMG043", "manual", 1, 41)]


def test_a_comment_silences() -> None:
    assert run("a.ts", "const m = 'dall-e-3'; // migrator: ignore[IMG001]\n").findings == ()
