// The pages work without this; it adds copy buttons and live logs.
'use strict';

async function copy(pre) {
  const text = pre.querySelector('code').textContent;
  // Browsers offer the clipboard only to secure origins; elsewhere a selection can be copied.
  if (navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch (refused) {
      console.info('The clipboard is closed, the lines are selected instead:', refused.message);
    }
  }
  getSelection().selectAllChildren(pre.querySelector('code'));
  return document.execCommand('copy');
}

function setUpCopying() {
  for (const pre of document.querySelectorAll('pre.copy')) {
    const frame = document.createElement('div');
    frame.className = 'copy-frame';
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = 'Copy';
    button.setAttribute('aria-label', 'Copy: ' + pre.getAttribute('aria-label'));
    const said = document.createElement('span');
    said.className = 'unseen';
    said.setAttribute('role', 'status');
    button.addEventListener('click', async () => {
      const done = await copy(pre);
      button.textContent = done ? 'Copied' : 'Selected';
      said.textContent = done ? 'Copied' : 'Selected; copy with the keyboard';
      setTimeout(() => {
        button.textContent = 'Copy';
        said.textContent = '';
      }, 2000);
    });
    pre.replaceWith(frame);
    frame.append(pre, button, said);
  }
}

// Colours of a terminal, and characters that turn text around.
const TERMINAL = /\u001b\[[0-9;?]*[A-Za-z]/g;
const HIDDEN = /[\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

function plain(text) {
  return text.replace(TERMINAL, '').replace(HIDDEN, found => '[U+' + found.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0') + ']');
}

function setUpLog() {
  const details = document.querySelector('details[data-log]');
  if (!details) return;
  const panel = details.closest('.build');
  const pre = details.querySelector('pre');
  const badge = panel.querySelector('[data-build-state]');
  const known = badge.textContent;

  function follow() {
    const source = new EventSource(details.dataset.log);
    let attempt = null;
    function append(event) {
      const atEnd = pre.scrollHeight - pre.scrollTop - pre.clientHeight < 40;
      const now = event.lastEventId.split(':')[0];
      // A build that is tried again begins a new log.
      if (attempt !== null && now !== attempt) pre.textContent = '';
      attempt = now;
      pre.append(plain(event.data));
      if (atEnd) pre.scrollTop = pre.scrollHeight;
    }
    source.addEventListener('message', append);
    source.addEventListener('log', append);
    source.addEventListener('end', event => {
      source.close();
      if (!pre.textContent) pre.textContent = 'The build wrote no log.';
      if (event.data === known) return;
      badge.textContent = event.data;
      badge.className = 'badge ' + ({ succeeded: 'good', failed: 'bad' }[event.data] ?? 'warn');
      panel.querySelector('[data-build-ended]').hidden = false;
    });
    source.addEventListener('error', () => {
      if (source.readyState === EventSource.CLOSED && !pre.textContent) pre.textContent = 'The log cannot be read now. Reload the page to try again.';
    });
  }

  if (details.open) follow();
  else details.addEventListener('toggle', follow, { once: true });
}

setUpCopying();
setUpLog();
