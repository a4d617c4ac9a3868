// The lessons' player: a recorded run, a step at a time. Under each program stand its sockets, what
// lies unread in them, and what its screen shows. player.py has computed all that.
"use strict"
for (const box of document.querySelectorAll(".player")) {
    const {sides, words, steps} = JSON.parse(box.querySelector("script").textContent)

    const make = (tag, name, parent, text = "") => {
        const made = document.createElement(tag)
        made.className = name
        made.textContent = text
        parent.append(made)
        return made
    }

    // --- the parts ---------------------------------------------------------------------------------

    box.tabIndex = 0
    box.setAttribute("aria-label", words.all)
    const says = make("output", "says", box)
    says.setAttribute("aria-live", "polite")
    const stage = make("div", "stage", box)
    stage.style.setProperty("--sides", sides.length)
    const arrow = make("div", "flight", stage)
    const columns = sides.map(side => {
        const column = make("section", "side", stage)
        const head = make("h4", "", column, side.name + " ")
        make("code", "", head, side.file)
        const code = make("div", "code", column)
        const lines = side.code.map(text => make("div", "", code, text || " "))
        const sockets = make("div", "sockets", column)
        const screen = make("pre", "screen", column)
        screen.setAttribute("aria-label", words.screen)
        return {column, code, lines, sockets, screen}
    })
    const bar = make("div", "bar", box)
    const button = (text, action) => {
        const made = make("button", "", bar, text)
        made.type = "button"
        made.addEventListener("click", action)
        return made
    }
    button("◀ " + words.back, () => go(at - 1))
    button(words.on + " ▶", () => go(at + 1))
    const player = button("", () => playing ? stop() : play())
    const slider = make("input", "", bar)
    Object.assign(slider, {type: "range", min: 0, max: steps.length - 1, value: 0})
    slider.setAttribute("aria-label", words.step)
    const number = make("span", "number", bar)

    // --- a step --------------------------------------------------------------------------------------

    let at = 0
    let playing = null

    const show_sockets = (place, sockets) => {
        place.replaceChildren()
        for (const [handle, state, address, unread] of sockets) {
            const row = make("div", "socket " + state, place)
            make("b", "", row, handle + " " + words[state])
            make("span", "", row, " " + address)
            if (unread) make("mark", "", row, words.unread + ": " + unread)
        }
    }

    // The line stands in the middle of its window; the page stays where it is.
    const show_line = ({code, lines}, line, waits) => {
        for (const other of code.querySelectorAll(".here")) other.classList.remove("here", "waits")
        if (!line) return
        const here = lines[line - 1]
        here.classList.add("here")
        here.classList.toggle("waits", waits)
        code.scrollTop = here.offsetTop - code.offsetTop - (code.clientHeight - here.clientHeight) / 2
    }

    const show_arrow = step => {
        arrow.textContent = ""
        arrow.className = "flight"
        if (!step.arrow) return
        const [from, to, text] = step.arrow
        const left = Math.min(from, to)
        arrow.style.setProperty("--from", left + 1)
        arrow.classList.add("goes", to > from ? "right" : "left")
        make("span", "", arrow, to > from ? text + " ─▶" : "◀─ " + text)
    }

    const show = () => {
        const step = steps[at]
        says.textContent = step.says
        slider.value = at
        number.textContent = `${at + 1} / ${steps.length}`
        columns.forEach(({column}, side) => column.classList.toggle("now", side === step.side))
        columns.forEach((column, side) => {
            const own = steps.slice(0, at + 1).filter(one => one.side === side && one.line)
            const last = own[own.length - 1]
            show_line(column, last && last.line, Boolean(last && last.waits))
            const {sockets, screen} = steps.slice(0, at + 1).reduce((now, one) => one.now[side] || now, {sockets: [], screen: ""})
            show_sockets(column.sockets, sockets)
            column.screen.textContent = screen
            column.screen.scrollTop = column.screen.scrollHeight // its last lines
        })
        show_arrow(step)
    }

    const go = wanted => {
        at = Math.max(0, Math.min(steps.length - 1, wanted))
        show()
    }

    // --- playing by itself ------------------------------------------------------------------------------

    const stop = () => {
        clearInterval(playing)
        playing = null
        player.textContent = "▶▶ " + words.play
    }
    const play = () => {
        if (at === steps.length - 1) go(0)
        player.textContent = "■ " + words.pause
        playing = setInterval(() => at === steps.length - 1 ? stop() : go(at + 1), 1500)
    }

    // --- hands ------------------------------------------------------------------------------------------

    const keys = {
        ArrowRight: () => go(at + 1), ArrowDown: () => go(at + 1), " ": () => go(at + 1),
        ArrowLeft: () => go(at - 1), ArrowUp: () => go(at - 1),
        Home: () => go(0), End: () => go(steps.length - 1)
    }
    box.addEventListener("keydown", event => {
        if (event.key === " " && event.target.tagName === "BUTTON") return // it presses the button
        if (!keys[event.key] || event.ctrlKey || event.altKey || event.metaKey) return
        event.preventDefault()
        keys[event.key]()
    })
    stage.addEventListener("click", () => {
        if (String(getSelection()) === "") go(at + 1) // somebody may have marked a word
    })
    slider.addEventListener("input", () => go(Number(slider.value)))
    stop()
    show()
}
