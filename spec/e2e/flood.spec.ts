import { storyOfAFlood } from './support/flood.js';
import { story } from './support/house.js';

describe('A flood of calls', () => {
    story('rings once, while one goes on chatting, and a friend gets through', (house) =>
        storyOfAFlood(house, { calls: 200, rate: 100 }),
    );
});
