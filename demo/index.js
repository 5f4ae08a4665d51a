/** The page around the chats: one iframe for each person, each on an origin of its own, and what can be chosen. */

const form = document.querySelector('form');
const people = document.getElementById('people');
const template = document.getElementById('person');

/** One site for this page and its frames, so that the browser lets the frames keep things: see server.ts. */
const HOME = 'localhost.localhost';

/** Who there is, from the server: names, the first two are side by side. */
const names = await (await fetch('/people')).json();

const capitalised = (name) => name.charAt(0).toUpperCase() + name.slice(1);

/** What is chosen, as settings of Converse. */
function settings() {
    const chosen = new FormData(form);
    const result = { view_mode: chosen.get('view_mode') };
    const theme = chosen.get('theme');
    const language = chosen.get('i18n');
    if (theme) Object.assign(result, { theme, dark_theme: theme });
    if (language) result.i18n = language;
    return result;
}

function address(name) {
    const url = new URL(`${location.protocol}//${name}.${HOME}:${location.port}/`);
    url.searchParams.set('settings', JSON.stringify(settings()));
    return url.href;
}

function show() {
    const shown = names.slice(0, form.elements.third?.checked ? 3 : 2);
    people.replaceChildren(
        ...shown.map((name) => {
            const section = template.content.cloneNode(true);
            const title = capitalised(name);
            section.querySelector('h2').textContent = title;
            const link = section.querySelector('a');
            link.href = address(name);
            link.setAttribute('aria-label', `${title} alone in a tab`);
            const frame = section.querySelector('iframe');
            frame.title = `${title}'s chat`;
            frame.src = address(name);
            return section;
        }),
    );
}

/** The choice is kept in the address of this page, so that it can be shared and survives a reload. */
function restore() {
    const chosen = new URLSearchParams(location.search);
    for (const select of form.querySelectorAll('select')) {
        const value = chosen.get(select.name);
        if ([...select.options].some((option) => option.value === value)) select.value = value;
    }
    if (form.elements.third) form.elements.third.checked = chosen.has('third');
}

function keep() {
    const chosen = new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== ''));
    history.replaceState(null, '', `?${chosen}`);
}

function begin() {
    if (names[2]) document.getElementById('third').textContent = capitalised(names[2]);
    else form.elements.third.closest('label').remove();
    restore();
    show();
    form.addEventListener('change', () => {
        keep();
        show();
    });
    form.addEventListener('submit', (event) => event.preventDefault());
}

if (location.hostname === HOME) begin();
else location.replace(Object.assign(new URL(location.href), { hostname: HOME }));
