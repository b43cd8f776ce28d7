/** `npm start`: set-up, build, and the site on localhost. `PORT` asks for another port than 4170. */

import { build } from './build.mjs';
import { main, say } from './lib/log.mjs';
import { serve } from './serve.mjs';
import { setup } from './setup.mjs';

await main(async () => {
  await setup();
  await build();
  const { url } = await serve(process.env.PORT ? { port: Number(process.env.PORT) } : {});
  say('serving', `${url}  (Ctrl+C stops)`);
});
