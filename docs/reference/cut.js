// The framing page's slider: a stream of bytes is cut anywhere, and three programs make messages of it.
"use strict"
for (const box of document.querySelectorAll(".cut")) {
    const stream = "hola\nadios\n"
    const slider = box.querySelector("input")
    const shown = text => '"' + text.replaceAll("\n", "\\n") + '"'
    const list = pieces => pieces.map(shown).join(", ")

    // What recv gives: two pieces, or all at once.
    const pieces = cut => [stream.slice(0, cut), stream.slice(cut)].filter(piece => piece !== "")
    const programs = {
        one: received => received, // one recv is one message
        counted: received => [received.join("").slice(0, 5), received.join("").slice(5)],
        lines: received => received.join("").split("\n").slice(0, -1)
    }
    const right = {one: ["hola\n", "adios\n"], counted: ["hola\n", "adios\n"], lines: ["hola", "adios"]}

    const show = () => {
        const received = pieces(Number(slider.value))
        box.querySelector("output").textContent = list(received)
        for (const [name, messages] of Object.entries(programs)) {
            const row = box.querySelector(`[data-program=${name}]`)
            const got = messages(received)
            const good = list(got) === list(right[name])
            row.children[1].textContent = list(got)
            row.children[2].textContent = good ? box.dataset.right : box.dataset.wrong
            row.classList.toggle("wrong", !good)
        }
    }
    slider.addEventListener("input", show)
    show()
}
