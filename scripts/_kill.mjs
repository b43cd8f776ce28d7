import { serve } from './serve.mjs';
import { kills } from '../tests/fault/kills.mjs';
import { Tally } from '../tests/fault/tally.mjs';
import { randomFrom } from './lib/random.mjs';
const site=await serve({port:0});
const n=Number(process.argv[2]??6);
for(let i=0;i<n;i++){const tally=new Tally();const said=[];
 try{await kills(tally,site.url,{kills:6,terminations:0,twice:false,random:randomFrom(Date.now()%1e6),say:t=>said.push(t)});}catch(e){said.push(String(e));}
 console.log(tally.toString(), said.map(s=>s.replace(/ inputs.*/,'')).join(' | '));}
await site.close();
