// The few pages that a person meets at this provider. They work without JavaScript and load nothing.

/** Asks who it is; any password will do. */
export function loginPage({ action, client, hint }) {
  return page(
    'Log in',
    `<p>to go on to ${escape(client)}</p>
     <form method="post" action="${escape(action)}">
       <p><label>User name
         <input name="username" value="${escape(hint)}" autocomplete="username" required autofocus></label></p>
       <p><label>Password <input name="password" type="password" autocomplete="current-password"></label></p>
       <p><button name="answer" value="login">Log in</button>
          <button name="answer" value="cancel" formnovalidate>Cancel</button></p>
     </form>`,
  );
}

/** The library's form has an id and no buttons; they belong to it by that id. */
export async function logoutPage(ctx, form) {
  ctx.body = page(
    'Log out?',
    `${form}
     <p><button form="op.logoutForm" name="logout" value="yes">Yes, log me out</button>
        <button form="op.logoutForm">No, stay</button></p>`,
  );
}

export async function loggedOutPage(ctx) {
  ctx.body = page('Logged out', '<p>The provider has ended your session.</p>');
}

export async function errorPage(ctx, { error, error_description = '' }) {
  ctx.type = 'html';
  ctx.body = page('Refused', `<p><code>${escape(error)}</code> ${escape(error_description)}</p>`);
}

function page(title, body) {
  return `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width">
  <meta name="color-scheme" content="light dark">
  <title>${title}</title>
</head>
<body>
  <main>
  <h1>${title}</h1>
  ${body}
  </main>
</body>
</html>`;
}

function escape(text) {
  const entities = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return String(text ?? '').replace(/[&<>"']/g, (character) => entities[character]);
}
