/** The start of the app: the Trusted Types policy before anything that may start a worker, then the session, then the page. */

import { installTrustedTypes } from '../engine/trusted-types.ts';
import './handle.ts';
import { answerPyroscope } from './state/pyroscope.ts';
import { Session } from './state/session.ts';
import { AppRoot } from './views/app-root.ts';

installTrustedTypes();

const session = new Session();
globalThis.emberglass = {
  get client() {
    return session.engine.client;
  },
};

const root = new AppRoot();
root.session = session;
document.body.prepend(root);
void session.start();
answerPyroscope(() => session.engine.client);
